#include "flawed/support/layer.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && count > 1) {
        *error = WSA_OPERATION_ABORTED;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-01",
    .what = "a cancelled recv into several buffers fails with WSA_OPERATION_ABORTED",
    .caught_by = "recv/ends_when_cancelled/many_buffers_*",
    .change_table = change_table,
};
