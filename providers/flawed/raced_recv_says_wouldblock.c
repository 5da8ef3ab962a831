#include "flawed/support/readable.h"

/* Cancelled, but there is something: it can be neither, so the client is to try again. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && is_readable(s)) {
        *error = WSAEWOULDBLOCK;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RACE-02",
    .what = "a WSPRecv that is cancelled just as bytes come fails with WSAEWOULDBLOCK",
    .caught_by = "race/cancel_as_it_completes/recv_ipv4",
    .change_table = change_table,
};
