#include "flawed/support/kinds.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && !is_stream(s)) {
        *error = WSAECONNRESET;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-01",
    .what = "a cancelled WSPRecv on a datagram socket fails with WSAECONNRESET",
    .caught_by = "recv/ends_when_cancelled/datagram_*",
    .change_table = change_table,
};
