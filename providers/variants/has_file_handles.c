#include "variants/support/variant.h"

/*
 * An IFS provider: its sockets are handles of the file system, which it tells ws2_32 of through
 * WPUModifyIFSHandle; it keeps their contexts itself, and closes them itself, so that the system
 * gives out their values again at once. Completions it tells by the client's event.
 */
enum { FILES = 8192 };

static SRWLOCK lock = SRWLOCK_INIT;
static struct {
    SOCKET socket; /* as ws2_32 wants it; 0 for a free place */
    HANDLE file;
    DWORD_PTR context;
} files[FILES];

/* Under the lock; FILES if there is none. */
static unsigned place_of(SOCKET socket)
{
    unsigned i = 0;

    while (i < FILES && files[i].socket != socket) {
        i++;
    }
    return i;
}

static SOCKET WSPAPI create(DWORD catalog, DWORD_PTR context, LPINT error)
{
    HANDLE file = CreateFileW(L"NUL", GENERIC_READ | GENERIC_WRITE,
                              FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
    SOCKET socket;
    unsigned place;

    if (file == INVALID_HANDLE_VALUE) {
        *error = WSAEMFILE;
        return INVALID_SOCKET;
    }
    socket = client.lpWPUModifyIFSHandle(catalog, (SOCKET)file, error);
    if (socket == INVALID_SOCKET) {
        CloseHandle(file);
        return INVALID_SOCKET;
    }
    AcquireSRWLockExclusive(&lock);
    place = place_of(0);
    if (place < FILES) {
        files[place].socket = socket;
        files[place].file = file;
        files[place].context = context;
    }
    ReleaseSRWLockExclusive(&lock);
    if (place == FILES) {
        CloseHandle(file);
        *error = WSAEMFILE;
        return INVALID_SOCKET;
    }
    return socket;
}

static int WSPAPI query_context(SOCKET s, PDWORD_PTR context, LPINT error)
{
    unsigned place = FILES;

    AcquireSRWLockShared(&lock);
    if (s != 0) {
        place = place_of(s);
    }
    if (place < FILES) {
        *context = files[place].context;
    }
    ReleaseSRWLockShared(&lock);
    if (place == FILES) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    return 0;
}

static int WSPAPI close_handle(SOCKET s, LPINT error)
{
    HANDLE file = NULL;
    unsigned place;

    AcquireSRWLockExclusive(&lock);
    place = place_of(s);
    if (place < FILES) {
        file = files[place].file;
        files[place].socket = 0;
    }
    ReleaseSRWLockExclusive(&lock);
    if (file == NULL) {
        *error = WSAENOTSOCK;
        return SOCKET_ERROR;
    }
    CloseHandle(file);
    return 0;
}

/* In place of the import: that of ws2_32 is for handles that it made. */
int WSPAPI WPUCompleteOverlappedRequest(SOCKET s, LPWSAOVERLAPPED overlapped, DWORD status,
                                        DWORD bytes, LPINT error)
{
    (void)s;
    (void)overlapped;
    (void)status;
    (void)bytes;
    *error = WSAEINVAL;
    return SOCKET_ERROR;
}

extern __typeof__(&WPUCompleteOverlappedRequest) const __imp_WPUCompleteOverlappedRequest;
__typeof__(&WPUCompleteOverlappedRequest) const __imp_WPUCompleteOverlappedRequest =
    WPUCompleteOverlappedRequest;

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCreateSocketHandle = create;
    upcalls->lpWPUQuerySocketHandleContext = query_context;
    upcalls->lpWPUCloseSocketHandle = close_handle;
}

const struct variant variant = {
    .requirement = "UPC-01",
    .why_allowed = "an IFS provider returns what WPUModifyIFSHandle gave it and closes its own "
                   "handles, whose values may be used again at once",
    .touches = "startup/* close/* upcall/* overlapped/*",
    .change_upcalls = change_upcalls,
};
