#include "flawed/support/layer.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && overlapped != NULL && *error == WSAECONNABORTED) {
        *error = WSAECONNRESET;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "STREAM-03",
    .what = "an overlapped WSPRecv on a connection that a cancel has aborted fails with "
            "WSAECONNRESET",
    .caught_by = "stream/damaged_one_refuses_calls/*",
    .change_table = change_table,
};
