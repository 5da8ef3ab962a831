#include "flawed/support/readable.h"

/* The socket of a WSPRecv that completed in spite of its cancel, and the thread that made it. */
static volatile SOCKET left = INVALID_SOCKET;
static volatile DWORD left_by;

static int WSPAPI receive_all_the_same(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                       LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                       LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                                       LPWSATHREADID thread, LPINT error)
{
    int returned;

    if (s == left && left_by != GetCurrentThreadId()) {
        left = INVALID_SOCKET;
        *error = WSAEINTR;
        return SOCKET_ERROR;
    }
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    if (returned != 0 && *error == WSAEINTR && is_readable(s)) {
        returned = reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine,
                                       thread, error);
        left_by = GetCurrentThreadId();
        left = returned == 0 ? s : INVALID_SOCKET;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive_all_the_same;
}

const struct flaw flaw = {
    .requirement = "STICKY-04",
    .what = "the cancel of a WSPRecv that completed all the same ends another thread's next one",
    .caught_by = "sticky/cancel_of_a_completed_call_is_spent/recv_ipv*",
    .change_table = change_table,
};
