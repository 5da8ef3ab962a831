#include "flawed/support/kinds.h"
#include "flawed/support/readable.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && has_receive_timeout(s) && is_readable(s)) {
        *error = WSAETIMEDOUT;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RACE-02",
    .what = "a WSPRecv with a timeout that is cancelled just as bytes come says WSAETIMEDOUT",
    .caught_by = "race/cancel_as_it_completes/recv_timed_ipv4",
    .change_table = change_table,
};
