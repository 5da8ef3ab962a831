#include "flawed/support/readable.h"

/* The way that completes after all knows nothing of the flag. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool peeks = (*flags & MSG_PEEK) != 0;
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (peeks && returned != 0 && *error == WSAEINTR && is_readable(s)) {
        *flags &= ~(DWORD)MSG_PEEK;
        returned = reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine,
                                       thread, error);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RACE-03",
    .what = "a WSPRecv with MSG_PEEK that completes in spite of its cancel takes the bytes",
    .caught_by = "race/completed_one_loses_nothing/recv_peek_ipv4",
    .change_table = change_table,
};
