#include "flawed/support/layer.h"

#include <string.h>

enum { SOCKETS = 64 };

/* Where the sender's address was to go, by socket, as a call left it behind that was cancelled. */
static struct {
    SOCKET socket;
    struct sockaddr *from;
    LPINT length;
    int room;
} left[SOCKETS];
static SRWLOCK lock = SRWLOCK_INIT;

static void leave_behind(SOCKET s, struct sockaddr *from, LPINT length, int room)
{
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < SOCKETS; i++) {
        if (left[i].from == NULL || left[i].socket == s) {
            left[i].socket = s;
            left[i].from = from;
            left[i].length = length;
            left[i].room = room;
            break;
        }
    }
    ReleaseSRWLockExclusive(&lock);
}

static void fill_in(SOCKET s, const SOCKADDR_STORAGE *sender, int size)
{
    AcquireSRWLockExclusive(&lock);
    for (int i = 0; i < SOCKETS; i++) {
        if (left[i].from != NULL && left[i].socket == s) {
            if (sender != NULL && left[i].room >= size) {
                memcpy(left[i].from, sender, (size_t)size);
                *left[i].length = size;
            }
            left[i].from = NULL;
        }
    }
    ReleaseSRWLockExclusive(&lock);
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int room = from != NULL && length != NULL ? *length : 0;
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, length,
                                           overlapped, routine, thread, error);

    if (room > 0 && overlapped == NULL) {
        /* A call that gives an address takes the place of the earlier one. */
        fill_in(s, NULL, 0);
        if (returned != 0 && *error == WSAEINTR) {
            leave_behind(s, from, length, room);
        }
    }
    return returned;
}

/* A receive without an address of its own: the provider still has one. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    SOCKADDR_STORAGE sender;
    int size = sizeof sender;
    int returned;

    if (overlapped != NULL) {
        return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                                   error);
    }
    returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags,
                                       (struct sockaddr *)&sender, &size, NULL, NULL, NULL, error);
    if (returned == 0 && size > 0 && size <= (int)sizeof sender) {
        fill_in(s, &sender, size);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecvFrom = receive_from;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECVFROM-03",
    .what = "the next WSPRecv on the socket of a cancelled WSPRecvFrom writes the sender to the "
            "lpFrom and lpFromlen of that",
    .caught_by = "recvfrom/leaves_its_memory_alone/then_recv_*",
    .change_table = change_table,
};
