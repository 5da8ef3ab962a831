#include "flawed/support/kinds.h"

/* The time limit is looked at first, and no time is left. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEWOULDBLOCK && has_receive_timeout(s)) {
        *error = WSAETIMEDOUT;
    }
    return returned;
}

static int WSPAPI receive_from(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                               LPDWORD flags, struct sockaddr *from, LPINT from_length,
                               LPWSAOVERLAPPED overlapped,
                               LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                               LPINT error)
{
    int returned = reference.lpWSPRecvFrom(s, buffers, count, received, flags, from, from_length,
                                           overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEWOULDBLOCK && has_receive_timeout(s)) {
        *error = WSAETIMEDOUT;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPRecvFrom = receive_from;
}

const struct flaw flaw = {
    .requirement = "NB-01",
    .what = "a non-blocking receive with nothing to receive says WSAETIMEDOUT where the socket has "
            "a timeout",
    .caught_by =
        "nonblocking/would_block/recv_timed_ipv4 nonblocking/would_block/recvfrom_timed_ipv4",
    .change_table = change_table,
};
