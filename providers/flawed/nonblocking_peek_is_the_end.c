#include "flawed/support/layer.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool peeks = (*flags & MSG_PEEK) != 0;
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (peeks && returned != 0 && *error == WSAEWOULDBLOCK) {
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
    .requirement = "NB-01",
    .what = "a non-blocking WSPRecv with MSG_PEEK that finds nothing returns 0 with no byte",
    .caught_by = "nonblocking/would_block/recv_peek_ipv4",
    .change_table = change_table,
};
