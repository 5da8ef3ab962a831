#include "flawed/support/layer.h"

static int WSPAPI send_out(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                           LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                           LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && count > 1) {
        *error = WSA_OPERATION_ABORTED;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_out;
}

const struct flaw flaw = {
    .requirement = "SEND-01",
    .what = "a cancelled WSPSend of several buffers fails with WSA_OPERATION_ABORTED",
    .caught_by = "send/ends_when_cancelled/many_buffers_*",
    .change_table = change_table,
};
