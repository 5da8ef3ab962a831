#include "flawed/support/kinds.h"
#include "flawed/support/readable.h"

static void throw_one_away(SOCKET s)
{
    char byte;
    WSABUF buffer = {.len = sizeof byte, .buf = &byte};
    DWORD received;
    DWORD flags = 0;
    int ignored;

    reference.lpWSPRecv(s, &buffer, 1, &received, &flags, NULL, NULL, NULL, &ignored);
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && !is_stream(s) && is_readable(s)) {
        returned = reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine,
                                       thread, error);
        if (returned == 0 && is_readable(s)) {
            throw_one_away(s);
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
    .what = "a WSPRecv that completes with a datagram in spite of its cancel loses the next one",
    .caught_by = "race/completed_one_loses_nothing/recv_datagram_ipv4",
    .change_table = change_table,
};
