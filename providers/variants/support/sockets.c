/*
 * What a variant knows of a socket: its own mark on it, and what the provider beneath tells.
 */
#include "variants/support/variant.h"

#include "reference/sockets.h"

enum { MARKS = 4096 };

static SRWLOCK marks_lock = SRWLOCK_INIT;
static struct {
    SOCKET socket;
    ULONGLONG mark;
} marks[MARKS];
static unsigned marks_used;

/* Under the lock; MARKS if there is none. */
static unsigned place_of(SOCKET socket)
{
    unsigned i = 0;

    while (i < marks_used && marks[i].socket != socket) {
        i++;
    }
    return i < marks_used ? i : MARKS;
}

void mark_socket(SOCKET socket, ULONGLONG mark)
{
    unsigned place;

    AcquireSRWLockExclusive(&marks_lock);
    place = place_of(socket);
    if (place == MARKS && mark != 0 && marks_used < MARKS) {
        place = marks_used++;
    }
    if (place < MARKS) {
        marks[place].socket = socket;
        marks[place].mark = mark;
    }
    ReleaseSRWLockExclusive(&marks_lock);
}

ULONGLONG mark_of_socket(SOCKET socket)
{
    ULONGLONG mark = 0;
    unsigned place;

    AcquireSRWLockShared(&marks_lock);
    place = place_of(socket);
    if (place < MARKS) {
        mark = marks[place].mark;
    }
    ReleaseSRWLockShared(&marks_lock);
    return mark;
}

void abort_socket(SOCKET handle)
{
    struct socket *socket;

    if (sockets_acquire(handle, &socket) == 0) {
        sockets_abort(socket);
        sockets_release(socket);
    }
}

bool socket_is_aborted(SOCKET handle)
{
    struct socket *socket;
    int error = sockets_use(handle, &socket);

    if (error == 0) {
        sockets_done(socket);
    }
    return error == WSAECONNABORTED;
}

bool socket_is_stream(SOCKET handle)
{
    struct socket *socket;
    bool stream = false;

    if (sockets_acquire(handle, &socket) == 0) {
        stream = socket->traits.type == SOCK_STREAM;
        sockets_release(socket);
    }
    return stream;
}

DWORD catalog_of_socket(SOCKET handle)
{
    struct socket *socket;
    DWORD catalog = 0;

    if (sockets_acquire(handle, &socket) == 0) {
        catalog = socket->traits.protocol.dwCatalogEntryId;
        sockets_release(socket);
    }
    return catalog;
}
