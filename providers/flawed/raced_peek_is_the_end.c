#include "flawed/support/readable.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool peeks = (*flags & MSG_PEEK) != 0;
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (peeks && returned != 0 && *error == WSAEINTR && is_readable(s)) {
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
    .what = "a WSPRecv with MSG_PEEK that is cancelled just as bytes come returns 0 with no byte",
    .caught_by = "race/cancel_as_it_completes/recv_peek_ipv4",
    .change_table = change_table,
};
