/*
 * The upcalls. This provider has no file handles to show to the system, so its sockets are handles
 * made by ws2_32, each with a context of ours.
 */
#include "upcalls.h"

static SRWLOCK upcalls__lock = SRWLOCK_INIT;
static WSPUPCALLTABLE upcalls__table;

void upcalls_set(const WSPUPCALLTABLE *table)
{
    AcquireSRWLockExclusive(&upcalls__lock);
    upcalls__table = *table;
    ReleaseSRWLockExclusive(&upcalls__lock);
}

static WSPUPCALLTABLE upcalls__latest(void)
{
    AcquireSRWLockShared(&upcalls__lock);
    WSPUPCALLTABLE table = upcalls__table;
    ReleaseSRWLockShared(&upcalls__lock);
    return table;
}

int upcalls_create_handle(DWORD catalog_entry, DWORD_PTR context, SOCKET *handle)
{
    int error = WSAENOBUFS;
    *handle = upcalls__latest().lpWPUCreateSocketHandle(catalog_entry, context, &error);
    return *handle == INVALID_SOCKET ? error : 0;
}

int upcalls_query_context(SOCKET handle, DWORD_PTR *context)
{
    int error;
    int returned = upcalls__latest().lpWPUQuerySocketHandleContext(handle, context, &error);
    return returned == 0 ? 0 : WSAENOTSOCK;
}

void upcalls_close_handle(SOCKET handle)
{
    int error;
    upcalls__latest().lpWPUCloseSocketHandle(handle, &error);
}

/* This upcall is not in the table: ws2_32 exports it. It knows the sockets that it made a handle
 * for; should it not, the client has to be told all the same. */
void upcalls_complete(SOCKET handle, WSAOVERLAPPED *overlapped, DWORD error, DWORD bytes)
{
    int failure;
    if (WPUCompleteOverlappedRequest(handle, overlapped, error, bytes, &failure) == 0) {
        return;
    }
    overlapped->InternalHigh = bytes;
    MemoryBarrier();
    overlapped->Internal = error;
    if (overlapped->hEvent != NULL) {
        upcalls__latest().lpWPUSetEvent(overlapped->hEvent, &failure);
    }
}

int upcalls_queue_apc(WSATHREADID *thread, LPWSAUSERAPC apc, DWORD_PTR context)
{
    int error = WSAEFAULT;
    return upcalls__latest().lpWPUQueueApc(thread, apc, context, &error) == 0 ? 0 : error;
}

void upcalls_reset_event(WSAEVENT event)
{
    int error;
    upcalls__latest().lpWPUResetEvent(event, &error);
}

void upcalls_post_message(HWND window, UINT message, WPARAM wide, LPARAM narrow)
{
    upcalls__latest().lpWPUPostMessage(window, message, wide, narrow);
}

struct blocking_hook upcalls_blocking_hook(DWORD catalog_entry)
{
    int error;
    struct blocking_hook hook = {NULL, 0};
    if (upcalls__latest().lpWPUQueryBlockingCallback(catalog_entry, &hook.callback, &hook.context,
                                                     &error) != 0) {
        hook.callback = NULL;
    }
    return hook;
}
