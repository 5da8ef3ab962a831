#include "flawed/support/readable.h"

/* The call completes after all, with the first byte; what else came with it goes. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && is_readable(s)) {
        returned = reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine,
                                       thread, error);
        if (returned == 0 && *received > 1) {
            *received = 1;
        }
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RACE-03",
    .what = "a WSPRecv that completes in spite of its cancel gives one byte and loses the others",
    .caught_by = "race/completed_one_loses_nothing/recv_ipv*",
    .change_table = change_table,
};
