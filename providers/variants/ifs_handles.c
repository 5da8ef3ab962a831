#include "variants/support/variant.h"

#include "reference/sockets.h"

/*
 * The handles are the system's own sockets, as an installable file system would have them. The
 * provider beneath asks for a handle before there is a chance to tell which native socket it will
 * stand for, so it first gets a number of ours, which is replaced before the client sees it.
 */
enum { HANDLES = 4096 };

static SRWLOCK lock = SRWLOCK_INIT;
static struct {
    SOCKET handle;
    DWORD_PTR context;
} known[HANDLES];
static unsigned known_count;
static SOCKET last_number;

/* Under the lock. The newest, as the system gives a value again once its socket is closed. */
static unsigned newest(SOCKET handle)
{
    unsigned i = known_count;

    while (i > 0 && known[i - 1].handle != handle) {
        i--;
    }
    return i > 0 ? i - 1 : HANDLES;
}

static unsigned oldest(SOCKET handle)
{
    unsigned i = 0;

    while (i < known_count && known[i].handle != handle) {
        i++;
    }
    return i < known_count ? i : HANDLES;
}

static SOCKET WSPAPI create_handle(DWORD catalog, DWORD_PTR context, LPINT error)
{
    SOCKET handle = INVALID_SOCKET;

    (void)catalog;
    AcquireSRWLockExclusive(&lock);
    if (known_count < HANDLES) {
        last_number -= 4;
        handle = last_number - 0x1000;
        known[known_count].handle = handle;
        known[known_count].context = context;
        known_count++;
    }
    ReleaseSRWLockExclusive(&lock);
    if (handle == INVALID_SOCKET) {
        *error = WSAENOBUFS;
    }
    return handle;
}

static int WSPAPI query_context(SOCKET handle, PDWORD_PTR context, LPINT error)
{
    unsigned place;

    AcquireSRWLockShared(&lock);
    place = newest(handle);
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
    place = oldest(handle);
    if (place < HANDLES) {
        known_count--;
        for (unsigned i = place; i < known_count; i++) {
            known[i] = known[i + 1];
        }
    }
    ReleaseSRWLockExclusive(&lock);
    if (place == HANDLES) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    return 0;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCreateSocketHandle = create_handle;
    upcalls->lpWPUQuerySocketHandleContext = query_context;
    upcalls->lpWPUCloseSocketHandle = close_handle;
}

/* Puts the native socket in the place of our number: 0 or an error. */
static int hand_out(struct call *call)
{
    struct socket *socket;
    int error = sockets_acquire((SOCKET)call->returned, &socket);
    SOCKET handle;

    if (error != 0) {
        return error;
    }
    handle = client.lpWPUModifyIFSHandle(socket->traits.protocol.dwCatalogEntryId, socket->native,
                                         &error);
    if (handle != INVALID_SOCKET) {
        AcquireSRWLockExclusive(&lock);
        known[newest(socket->handle)].handle = handle;
        socket->handle = handle;
        ReleaseSRWLockExclusive(&lock);
        call->returned = (INT_PTR)handle;
        error = 0;
    }
    sockets_release(socket);
    return error;
}

static int after(struct call *call, int error)
{
    SOCKET unused = (SOCKET)call->returned;
    int ignored;

    if (error != 0 || (call->entry != ENTRY_WSPSocket && call->entry != ENTRY_WSPAccept)) {
        return error;
    }
    error = hand_out(call);
    if (error != 0) {
        reference.lpWSPCloseSocket(unused, &ignored);
    }
    return error;
}

const struct variant variant = {
    .requirement = "UPC-01",
    .why_allowed = "a provider whose handles are the system's own passes them through "
                   "WPUModifyIFSHandle instead of asking for others",
    .touches = "startup/* accept/* close/*",
    .after = after,
    .change_upcalls = change_upcalls,
};
