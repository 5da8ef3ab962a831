#include "harness/upcall.h"

#include "harness/blocked.h"
#include "harness/callback.h"
#include "harness/evidence.h"
#include "harness/expect.h"
#include "harness/names.h"
#include "harness/thread.h"
#include "harness/window.h"

#include <stdarg.h>
#include <stdio.h>

enum { HANDLES_MAX = 8192, QUERIES_WRITTEN = 64, MESSAGES_KEPT = 64 };

static volatile LONG counts[UPCALL_COUNT];
static struct {
    volatile LONG times;
    int error;
} failures[UPCALL_COUNT];
static struct socket_handle handles[HANDLES_MAX];
static volatile LONG handle_count;
static volatile LONG queried_entry;
static volatile LONG stray_queries;
static SRWLOCK handles_lock = SRWLOCK_INIT;
static volatile LONG threads_open;
static volatile LONG threads_closed_in_vain;
static volatile LONG keeps_messages;
static struct kept_message messages[MESSAGES_KEPT];
static unsigned messages_kept;
static SRWLOCK messages_lock = SRWLOCK_INIT;

LONG upcall_count(enum upcall upcall)
{
    return counts[upcall];
}

LONG upcalls_made(void)
{
    LONG sum = 0;

    for (int i = 0; i < UPCALL_COUNT; i++) {
        sum += counts[i];
    }
    return sum;
}

void upcall_let_fail(enum upcall upcall, int error, unsigned times)
{
    failures[upcall].error = error;
    InterlockedExchange(&failures[upcall].times, (LONG)times);
}

static void write_upcall(enum upcall upcall, const char *outcome, const char *arguments, ...)
    __attribute__((format(gnu_printf, 3, 4)));

static void write_upcall(enum upcall upcall, const char *outcome, const char *arguments, ...)
{
    struct evidence_line line;
    char text[256];
    va_list values;

    va_start(values, arguments);
    vsnprintf(text, sizeof text, arguments, values);
    va_end(values);
    evidence_begin(&line, "upcall");
    evidence_text(&line, "call", upcall_name(upcall));
    evidence_text(&line, "outcome", outcome);
    evidence_open_object(&line, "arguments");
    evidence_text(&line, "text", text);
    evidence_close_object(&line);
    evidence_end(&line);
}

static void store(LPINT error_cell, int error)
{
    if (error_cell != NULL) {
        *error_cell = error;
    }
}

/* Counts the upcall; true, with the error stored, if the case wants it to fail. */
static bool is_to_fail(enum upcall upcall, LPINT error_cell)
{
    InterlockedIncrement(&counts[upcall]);
    if (failures[upcall].times > 0 && InterlockedDecrement(&failures[upcall].times) >= 0) {
        store(error_cell, failures[upcall].error);
        write_upcall(upcall, "made to fail", "%s", "");
        return true;
    }
    return false;
}

static struct socket_handle *find_handle(SOCKET handle)
{
    LONG count = handle_count < HANDLES_MAX ? handle_count : HANDLES_MAX;

    for (LONG i = count; i > 0; i--) {
        if (handles[i - 1].handle == handle) {
            return &handles[i - 1];
        }
    }
    return NULL;
}

const struct socket_handle *upcall_handle(SOCKET handle)
{
    return find_handle(handle);
}

void require_handle_of_ours(SOCKET handle)
{
    const struct socket_handle *known = find_handle(handle);

    if (known == NULL) {
        stop_case(NEEDED("provider"), "the handle that WSPSocket returned",
                  "one from WPUCreateSocketHandle", "one from nowhere");
    }
    require_that(OFFERED, !known->ifs, "the handle that WSPSocket returned",
                 "one from WPUCreateSocketHandle", "one of the system, as of an IFS provider");
}

bool upcall_wait_for_close(SOCKET handle, DWORD milliseconds)
{
    return WaitForSingleObject((HANDLE)handle, milliseconds) == WAIT_OBJECT_0;
}

unsigned upcall_handles_made(void)
{
    return (unsigned)handle_count;
}

unsigned upcall_handles_open(void)
{
    unsigned open = 0;

    for (LONG i = 0; i < handle_count && i < HANDLES_MAX; i++) {
        open += handles[i].closed == 0;
    }
    return open;
}

unsigned upcall_handles_left(unsigned since, DWORD milliseconds)
{
    unsigned made = upcall_handles_made();
    unsigned left = 0;

    for (unsigned i = since; i < made && i < HANDLES_MAX; i++) {
        HANDLE object = (HANDLE)handles[i].handle;
        if (handles[i].ifs) {
            left += GetFileType(object) != FILE_TYPE_UNKNOWN;
        } else if (!upcall_wait_for_close(handles[i].handle, milliseconds)) {
            left++;
            milliseconds = 0;
        }
    }
    return left;
}

DWORD upcall_last_queried_entry(void)
{
    return (DWORD)queried_entry;
}

LONG upcall_stray_queries(void)
{
    return stray_queries;
}

LONG upcall_threads_open(void)
{
    return threads_open;
}

LONG upcall_threads_closed_in_vain(void)
{
    return threads_closed_in_vain;
}

void upcall_keep_messages(void)
{
    InterlockedExchange(&keeps_messages, 1);
}

bool upcall_kept_message(unsigned index, struct kept_message *kept)
{
    bool found;

    AcquireSRWLockShared(&messages_lock);
    found = index < messages_kept;
    if (found) {
        *kept = messages[index];
    }
    ReleaseSRWLockShared(&messages_lock);
    return found;
}

static void keep_message(struct kept_message message)
{
    AcquireSRWLockExclusive(&messages_lock);
    if (messages_kept < MESSAGES_KEPT) {
        messages[messages_kept++] = message;
    }
    ReleaseSRWLockExclusive(&messages_lock);
}

static SOCKET register_handle(SOCKET handle, DWORD catalog_entry, DWORD_PTR context, bool ifs)
{
    struct socket_handle *known;

    AcquireSRWLockExclusive(&handles_lock);
    known = find_handle(handle);
    if (known == NULL && handle_count < HANDLES_MAX) {
        handles[handle_count] = (struct socket_handle){
            .handle = handle, .catalog_entry = catalog_entry, .context = context, .ifs = ifs};
        InterlockedIncrement(&handle_count);
    } else if (known != NULL) {
        /* An IFS provider's kernel handle whose value came again after it was closed. */
        *known = (struct socket_handle){
            .handle = handle, .catalog_entry = catalog_entry, .context = context, .ifs = ifs};
    }
    ReleaseSRWLockExclusive(&handles_lock);
    return handle;
}

static BOOL WSPAPI close_event(WSAEVENT event, LPINT error_cell)
{
    if (is_to_fail(UPCALL_WPUCloseEvent, error_cell)) {
        return FALSE;
    }
    if (!CloseHandle(event)) {
        store(error_cell, WSA_INVALID_HANDLE);
        return FALSE;
    }
    return TRUE;
}

static int WSPAPI close_socket_handle(SOCKET s, LPINT error_cell)
{
    struct socket_handle *known;

    if (is_to_fail(UPCALL_WPUCloseSocketHandle, error_cell)) {
        return SOCKET_ERROR;
    }
    AcquireSRWLockExclusive(&handles_lock);
    known = find_handle(s);
    if (known != NULL) {
        known->closed++;
        if (!known->ifs) {
            SetEvent((HANDLE)s); /* for upcall_wait_for_close */
        }
    }
    ReleaseSRWLockExclusive(&handles_lock);
    if (known == NULL || known->closed > 1) {
        store(error_cell, WSAENOTSOCK);
        write_upcall(UPCALL_WPUCloseSocketHandle, "SOCKET_ERROR with WSAENOTSOCK (10038)", "0x%llx",
                     (unsigned long long)s);
        return SOCKET_ERROR;
    }
    write_upcall(UPCALL_WPUCloseSocketHandle, "0", "0x%llx", (unsigned long long)s);
    return 0;
}

static WSAEVENT WSPAPI create_event(LPINT error_cell)
{
    HANDLE event;

    if (is_to_fail(UPCALL_WPUCreateEvent, error_cell)) {
        return WSA_INVALID_EVENT;
    }
    event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (event == NULL) {
        store(error_cell, WSA_NOT_ENOUGH_MEMORY);
    }
    return event;
}

static SOCKET WSPAPI create_socket_handle(DWORD catalog_entry, DWORD_PTR context, LPINT error_cell)
{
    HANDLE object;

    if (is_to_fail(UPCALL_WPUCreateSocketHandle, error_cell)) {
        return INVALID_SOCKET;
    }
    object = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (object == NULL || handle_count >= HANDLES_MAX) {
        store(error_cell, WSAENOBUFS);
        return INVALID_SOCKET;
    }
    register_handle((SOCKET)object, catalog_entry, context, false);
    write_upcall(UPCALL_WPUCreateSocketHandle, "a socket handle", "entry %lu: 0x%llx",
                 catalog_entry, (unsigned long long)(SOCKET)object);
    return (SOCKET)object;
}

static int WSPAPI fd_is_set(SOCKET s, fd_set *set)
{
    InterlockedIncrement(&counts[UPCALL_WPUFDIsSet]);
    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        if (set->fd_array[i] == s) {
            return 1;
        }
    }
    return 0;
}

static int WSPAPI get_provider_path(LPGUID provider, WCHAR *path, LPINT length, LPINT error_cell)
{
    int needed = (int)wcslen(settings.provider_path) + 1;

    if (is_to_fail(UPCALL_WPUGetProviderPath, error_cell)) {
        return SOCKET_ERROR;
    }
    if (provider == NULL || path == NULL || length == NULL || *length < needed) {
        if (length != NULL) {
            *length = needed;
        }
        store(error_cell, WSAEFAULT);
        return SOCKET_ERROR;
    }
    memcpy(path, settings.provider_path, (size_t)needed * sizeof *path);
    *length = needed;
    return 0;
}

static SOCKET WSPAPI modify_ifs_handle(DWORD catalog_entry, SOCKET proposed, LPINT error_cell)
{
    if (is_to_fail(UPCALL_WPUModifyIFSHandle, error_cell)) {
        return INVALID_SOCKET;
    }
    register_handle(proposed, catalog_entry, 0, true);
    write_upcall(UPCALL_WPUModifyIFSHandle, "the proposed handle", "entry %lu: 0x%llx",
                 catalog_entry, (unsigned long long)proposed);
    return proposed;
}

static BOOL WSPAPI post_message(HWND window, UINT message, WPARAM wide, LPARAM long_parameter)
{
    BOOL posted;

    if (is_to_fail(UPCALL_WPUPostMessage, NULL)) {
        return FALSE;
    }
    if (keeps_messages != 0) {
        keep_message((struct kept_message){window, message, wide, long_parameter});
        write_upcall(UPCALL_WPUPostMessage, "kept", "message 0x%x", message);
        return TRUE;
    }
    posted = message_post(window, message, wide, long_parameter);
    write_upcall(UPCALL_WPUPostMessage, posted ? "TRUE" : "FALSE", "message 0x%x", message);
    return posted;
}

static int WSPAPI query_blocking_callback(DWORD catalog_entry, LPBLOCKINGCALLBACK *callback,
                                          PDWORD_PTR context, LPINT error_cell)
{
    struct harness_thread *thread = thread_current();
    struct spi_call *call = thread->innermost;
    LPBLOCKINGCALLBACK function;

    InterlockedExchange(&queried_entry, (LONG)catalog_entry);
    if (call != NULL) {
        call->queried_entry = catalog_entry;
        InterlockedIncrement(&call->queries);
        if (thread->blocked != NULL) {
            blocked_progress(thread->blocked);
        }
    } else {
        InterlockedIncrement(&stray_queries);
    }
    if (is_to_fail(UPCALL_WPUQueryBlockingCallback, error_cell)) {
        return SOCKET_ERROR;
    }
    if (callback == NULL || context == NULL) {
        store(error_cell, WSAEFAULT);
        return SOCKET_ERROR;
    }
    function = callback_function(thread);
    *callback = function;
    *context = function != NULL && call != NULL ? callback_expected_context(thread, call->entry)
                                                : thread->context;
    if (call == NULL || call->queries <= QUERIES_WRITTEN) {
        write_upcall(UPCALL_WPUQueryBlockingCallback,
                     function != NULL ? "a callback" : "no callback", "entry %lu", catalog_entry);
    }
    return 0;
}

static int WSPAPI query_socket_handle_context(SOCKET s, PDWORD_PTR context, LPINT error_cell)
{
    struct socket_handle *known;
    bool usable;

    if (is_to_fail(UPCALL_WPUQuerySocketHandleContext, error_cell)) {
        return SOCKET_ERROR;
    }
    AcquireSRWLockShared(&handles_lock);
    known = find_handle(s);
    usable = known != NULL && !known->ifs && known->closed == 0;
    if (usable && context != NULL) {
        *context = known->context;
    }
    ReleaseSRWLockShared(&handles_lock);
    if (context == NULL) {
        store(error_cell, WSAEFAULT);
        return SOCKET_ERROR;
    }
    if (!usable) {
        store(error_cell, WSAENOTSOCK);
        return SOCKET_ERROR;
    }
    return 0;
}

static int WSPAPI queue_apc(LPWSATHREADID thread, LPWSAUSERAPC apc, DWORD_PTR context,
                            LPINT error_cell)
{
    if (is_to_fail(UPCALL_WPUQueueApc, error_cell)) {
        return SOCKET_ERROR;
    }
    if (thread == NULL || apc == NULL || thread->ThreadHandle == NULL ||
        QueueUserAPC((PAPCFUNC)apc, thread->ThreadHandle, context) == 0) {
        store(error_cell, WSAEFAULT);
        return SOCKET_ERROR;
    }
    return 0;
}

static BOOL WSPAPI reset_event(WSAEVENT event, LPINT error_cell)
{
    if (is_to_fail(UPCALL_WPUResetEvent, error_cell)) {
        return FALSE;
    }
    if (!ResetEvent(event)) {
        store(error_cell, WSA_INVALID_HANDLE);
        return FALSE;
    }
    return TRUE;
}

static BOOL WSPAPI set_event(WSAEVENT event, LPINT error_cell)
{
    if (is_to_fail(UPCALL_WPUSetEvent, error_cell)) {
        return FALSE;
    }
    if (!SetEvent(event)) {
        store(error_cell, WSA_INVALID_HANDLE);
        return FALSE;
    }
    return TRUE;
}

static int WSPAPI open_current_thread(LPWSATHREADID thread, LPINT error_cell)
{
    HANDLE self = GetCurrentProcess();

    if (is_to_fail(UPCALL_WPUOpenCurrentThread, error_cell)) {
        return SOCKET_ERROR;
    }
    if (thread == NULL) {
        store(error_cell, WSAEFAULT);
        return SOCKET_ERROR;
    }
    thread->Reserved = 0;
    if (!DuplicateHandle(self, GetCurrentThread(), self, &thread->ThreadHandle, 0, FALSE,
                         DUPLICATE_SAME_ACCESS)) {
        store(error_cell, WSA_NOT_ENOUGH_MEMORY);
        return SOCKET_ERROR;
    }
    InterlockedIncrement(&threads_open);
    write_upcall(UPCALL_WPUOpenCurrentThread, "0", "%p", (void *)thread->ThreadHandle);
    return 0;
}

static int WSPAPI close_thread(LPWSATHREADID thread, LPINT error_cell)
{
    if (is_to_fail(UPCALL_WPUCloseThread, error_cell)) {
        return SOCKET_ERROR;
    }
    if (thread == NULL || !CloseHandle(thread->ThreadHandle)) {
        InterlockedIncrement(&threads_closed_in_vain);
        write_upcall(UPCALL_WPUCloseThread, "SOCKET_ERROR with WSA_INVALID_HANDLE (6)", "%s", "");
        store(error_cell, WSA_INVALID_HANDLE);
        return SOCKET_ERROR;
    }
    InterlockedDecrement(&threads_open);
    write_upcall(UPCALL_WPUCloseThread, "0", "%p", (void *)thread->ThreadHandle);
    thread->ThreadHandle = NULL;
    return 0;
}

int WSPAPI upcall_complete_overlapped_request(SOCKET s, LPWSAOVERLAPPED overlapped, DWORD error,
                                              DWORD bytes, LPINT error_cell)
{
    const struct socket_handle *known;

    if (is_to_fail(UPCALL_WPUCompleteOverlappedRequest, error_cell)) {
        return SOCKET_ERROR;
    }
    known = find_handle(s);
    if (known == NULL || known->ifs || overlapped == NULL) {
        store(error_cell, WSAEINVAL);
        write_upcall(UPCALL_WPUCompleteOverlappedRequest, "SOCKET_ERROR with WSAEINVAL (10022)",
                     "0x%llx", (unsigned long long)s);
        return SOCKET_ERROR;
    }
    write_upcall(UPCALL_WPUCompleteOverlappedRequest, "0", "0x%llx%s, error %lu, %lu bytes",
                 (unsigned long long)s, known->closed > 0 ? ", closed" : "", error, bytes);
    overlapped->InternalHigh = bytes;
    MemoryBarrier(); /* whoever sees the status has the bytes */
    overlapped->Internal = error;
    if (overlapped->hEvent != NULL) {
        SetEvent(overlapped->hEvent);
    }
    return 0;
}

WSPUPCALLTABLE upcall_table(void)
{
    return (WSPUPCALLTABLE){
        .lpWPUCloseEvent = close_event,
        .lpWPUCloseSocketHandle = close_socket_handle,
        .lpWPUCreateEvent = create_event,
        .lpWPUCreateSocketHandle = create_socket_handle,
        .lpWPUFDIsSet = fd_is_set,
        .lpWPUGetProviderPath = get_provider_path,
        .lpWPUModifyIFSHandle = modify_ifs_handle,
        .lpWPUPostMessage = post_message,
        .lpWPUQueryBlockingCallback = query_blocking_callback,
        .lpWPUQuerySocketHandleContext = query_socket_handle_context,
        .lpWPUQueueApc = queue_apc,
        .lpWPUResetEvent = reset_event,
        .lpWPUSetEvent = set_event,
        .lpWPUOpenCurrentThread = open_current_thread,
        .lpWPUCloseThread = close_thread,
    };
}
