#include "flawed/support/layer.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    bool all = (*flags & MSG_WAITALL) != 0;
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && all) {
        *received = 0;
        returned = 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-01",
    .what = "a cancelled WSPRecv with MSG_WAITALL that has received nothing returns 0 with no "
            "byte, as if the stream had ended",
    .caught_by = "recv/ends_when_cancelled/all_*",
    .change_table = change_table,
};
