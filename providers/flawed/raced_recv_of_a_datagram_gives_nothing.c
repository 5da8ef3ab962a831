#include "flawed/support/kinds.h"
#include "flawed/support/readable.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && !is_stream(s) && is_readable(s)) {
        *received = 0;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RACE-02",
    .what = "a WSPRecv on a datagram socket that is cancelled just as a datagram comes returns 0 "
            "without it",
    .caught_by = "race/cancel_as_it_completes/recv_datagram_ipv4",
    .change_table = change_table,
};
