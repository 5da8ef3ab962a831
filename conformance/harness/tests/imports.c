#include "harness/imports.h"

#include "harness/upcall.h"

#include "tests.h"

#include <string.h>

typedef int(WSPAPI *complete_function)(SOCKET, LPWSAOVERLAPPED, DWORD, DWORD, LPINT);

/* The imports of this very program stand for those of a provider. */
static void redirect_ours(void)
{
    static bool redirected;

    if (!redirected) {
        redirected = true;
        ck_assert_uint_ge(imports_redirect_in(GetModuleHandleW(NULL)), 2);
    }
}

static SOCKET new_handle(void)
{
    int error;

    return upcall_table().lpWPUCreateSocketHandle(1, 2, &error);
}

START_TEST(an_imported_completion_is_ours)
{
    WSAOVERLAPPED overlapped = {.Internal = WSS_OPERATION_IN_PROGRESS};
    LONG before = upcall_count(UPCALL_WPUCompleteOverlappedRequest);
    int error = 0;

    redirect_ours();
    overlapped.hEvent = CreateEventW(NULL, TRUE, FALSE, NULL);
    ck_assert_int_eq(WPUCompleteOverlappedRequest(new_handle(), &overlapped, 7, 42, &error), 0);
    ck_assert_uint_eq(overlapped.InternalHigh, 42);
    ck_assert_uint_eq(overlapped.Internal, 7);
    ck_assert_uint_eq(WaitForSingleObject(overlapped.hEvent, 0), WAIT_OBJECT_0);
    ck_assert_int_eq(upcall_count(UPCALL_WPUCompleteOverlappedRequest), before + 1);
    CloseHandle(overlapped.hEvent);
}
END_TEST

START_TEST(one_that_is_asked_for_by_name_is_ours_too)
{
    WSAOVERLAPPED overlapped = {.Internal = WSS_OPERATION_IN_PROGRESS};
    complete_function complete;
    int error = 0;

    redirect_ours();
    complete = (complete_function)(void (*)(void))GetProcAddress(GetModuleHandleW(L"ws2_32.dll"),
                                                                 "WPUCompleteOverlappedRequest");
    ck_assert(complete == upcall_complete_overlapped_request);
    ck_assert_int_eq(complete(new_handle(), &overlapped, 0, 1, &error), 0);
    ck_assert_uint_eq(overlapped.Internal, 0);
}
END_TEST

START_TEST(what_else_is_asked_for_by_name_is_the_systems)
{
    HMODULE library = GetModuleHandleW(L"ws2_32.dll");
    FARPROC missing;
    DWORD error;

    redirect_ours();
    ck_assert(GetProcAddress(library, "WSAStartup") != NULL);
    missing = GetProcAddress(library, "NoSuchFunction");
    error = GetLastError();
    ck_assert(missing == NULL);
    ck_assert_uint_eq(error, ERROR_PROC_NOT_FOUND);
}
END_TEST

START_TEST(nothing_is_redirected_twice)
{
    redirect_ours();
    ck_assert_uint_eq(imports_redirect_in(GetModuleHandleW(NULL)), 0);
}
END_TEST

START_TEST(only_handles_of_ours_can_be_completed)
{
    WSAOVERLAPPED overlapped = {.Internal = WSS_OPERATION_IN_PROGRESS};
    int error = 0;

    ck_assert_int_eq(upcall_complete_overlapped_request(0x7ffc, &overlapped, 0, 0, &error),
                     SOCKET_ERROR);
    ck_assert_int_eq(error, WSAEINVAL);
    ck_assert_uint_eq(overlapped.Internal, WSS_OPERATION_IN_PROGRESS);
}
END_TEST

START_TEST(a_completion_can_be_made_to_fail)
{
    WSAOVERLAPPED overlapped = {.Internal = WSS_OPERATION_IN_PROGRESS};
    int error = 0;

    upcall_let_fail(UPCALL_WPUCompleteOverlappedRequest, WSAENOBUFS, 1);
    ck_assert_int_eq(upcall_complete_overlapped_request(new_handle(), &overlapped, 0, 0, &error),
                     SOCKET_ERROR);
    ck_assert_int_eq(error, WSAENOBUFS);
    ck_assert_uint_eq(overlapped.Internal, WSS_OPERATION_IN_PROGRESS);
}
END_TEST

Suite *imports_suite(void)
{
    const TTest *const tests[] = {
        an_imported_completion_is_ours,
        one_that_is_asked_for_by_name_is_ours_too,
        what_else_is_asked_for_by_name_is_the_systems,
        nothing_is_redirected_twice,
        only_handles_of_ours_can_be_completed,
        a_completion_can_be_made_to_fail,
        NULL,
    };

    return suite_of("imports", tests);
}
