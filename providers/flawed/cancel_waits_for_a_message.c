#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool cancelled;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    cancelled = returned == 0;
    return returned;
}

/* In a program that has windows the thread sleeps until there is something new in its queue. */
static BOOL CALLBACK call_and_wait_for_a_message(DWORD_PTR context)
{
    HMODULE library = GetModuleHandleW(L"user32.dll");
    BOOL answer;

    cancelled = false;
    answer = callback(context);
    if (cancelled && library != NULL) {
        DWORD(WINAPI * wait)(DWORD, const HANDLE *, BOOL, DWORD, DWORD);
        wait =
            (__typeof__(wait))(void (*)(void))GetProcAddress(library, "MsgWaitForMultipleObjects");
        wait(0, NULL, FALSE, INFINITE, QS_ALLINPUT);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_and_wait_for_a_message : NULL;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "PSB-04",
    .what = "in a program that has windows a cancelled call ends only when another message comes",
    .caught_by = "cancel/needs_no_further_message/connect_ipv4"
                 " cancel/needs_no_further_message/select_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
