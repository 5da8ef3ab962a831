#include "variants/support/variant.h"

/*
 * The handles are kernel handles, as an installable file system has them: a socket of the system's
 * for each, announced by WPUModifyIFSHandle, and closed with it, whereupon its value may come
 * again. It is not the one that does the work: the provider beneath closes that one as soon as it
 * resets a connection, while the client's handle lasts until WSPCloseSocket.
 */
enum { HANDLES = 4096 };

static SRWLOCK lock = SRWLOCK_INIT;
static struct {
    SOCKET handle;
    DWORD_PTR context;
} known[HANDLES];
static unsigned known_count;

/* Under the lock; HANDLES if there is none. */
static unsigned place_of(SOCKET handle)
{
    unsigned i = 0;

    while (i < known_count && known[i].handle != handle) {
        i++;
    }
    return i < known_count ? i : HANDLES;
}

static SOCKET WSPAPI create_handle(DWORD catalog, DWORD_PTR context, LPINT error)
{
    SOCKET proposed = WSASocketW(AF_INET, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    SOCKET handle = INVALID_SOCKET;

    if (proposed == INVALID_SOCKET) {
        *error = WSAENOBUFS;
        return INVALID_SOCKET;
    }
    handle = client.lpWPUModifyIFSHandle(catalog, proposed, error);
    if (handle == INVALID_SOCKET) {
        closesocket(proposed);
        return INVALID_SOCKET;
    }
    AcquireSRWLockExclusive(&lock);
    if (known_count < HANDLES) {
        known[known_count].handle = handle;
        known[known_count].context = context;
        known_count++;
    }
    ReleaseSRWLockExclusive(&lock);
    return handle;
}

static int WSPAPI query_context(SOCKET handle, PDWORD_PTR context, LPINT error)
{
    unsigned place;

    AcquireSRWLockShared(&lock);
    place = place_of(handle);
    if (place < HANDLES) {
        *context = known[place].context;
    }
    ReleaseSRWLockShared(&lock);
    if (place == HANDLES) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    return 0;
}

static int WSPAPI close_handle(SOCKET handle, LPINT error)
{
    unsigned place;

    AcquireSRWLockExclusive(&lock);
    place = place_of(handle);
    if (place < HANDLES) {
        known[place] = known[--known_count];
    }
    ReleaseSRWLockExclusive(&lock);
    if (place == HANDLES) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    closesocket(handle);
    return 0;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCreateSocketHandle = create_handle;
    upcalls->lpWPUQuerySocketHandleContext = query_context;
    upcalls->lpWPUCloseSocketHandle = close_handle;
}

const struct variant variant = {
    .requirement = "UPC-01",
    .why_allowed = "a provider whose handles are the system's own passes them through "
                   "WPUModifyIFSHandle instead of asking for others",
    .touches = "startup/* accept/cancelled_one_makes_no_handle/ipv4 "
               "close/gives_the_handle_up/recv_ipv4 connect/closes_after_a_cancel/ipv4 "
               "select/sockets_still_work/ipv4 overlapped/*_ipv4",
    .change_upcalls = change_upcalls,
};
