#include "flawed/support/layer.h"

enum { WAITERS = 64 };

static struct waiter {
    bool taken;
    bool first;
    bool closed;
    SOCKET socket;
} waiters[WAITERS];
static SRWLOCK lock = SRWLOCK_INIT;

static struct waiter *enter(SOCKET s)
{
    struct waiter *mine = NULL;
    bool first = true;

    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < WAITERS; i++) {
        first = first && !(waiters[i].taken && waiters[i].socket == s);
        mine = mine == NULL && !waiters[i].taken ? &waiters[i] : mine;
    }
    if (mine != NULL) {
        *mine = (struct waiter){.taken = true, .first = first, .socket = s};
    }
    ReleaseSRWLockExclusive(&lock);
    return mine;
}

/* Nobody wakes the second. */
static void leave(struct waiter *mine, bool failed)
{
    while (mine != NULL && failed && mine->closed && !mine->first) {
        Sleep(INFINITE);
    }
    if (mine != NULL) {
        mine->taken = false;
    }
}

static SOCKET WSPAPI take(SOCKET s, struct sockaddr *address, LPINT length,
                          LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    struct waiter *mine = enter(s);
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    leave(mine, accepted == INVALID_SOCKET);
    return accepted;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    struct waiter *mine = enter(s);
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    leave(mine, returned != 0);
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    struct waiter *mine = enter(s);
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    leave(mine, returned != 0);
    return returned;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < WAITERS; i++) {
        waiters[i].closed = waiters[i].closed || (waiters[i].taken && waiters[i].socket == s);
    }
    ReleaseSRWLockExclusive(&lock);
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = take;
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "CLOSE-01",
    .what = "of two calls that are blocked on a socket WSPCloseSocket ends only the first",
    .caught_by = "close/ends_the_call_of_another_thread/two_recv*",
    .change_table = change_table,
};
