#include "flawed/support/layer.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && count > 1 && buffers[0].len == 0) {
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
    .requirement = "RECV-01",
    .what = "a cancelled WSPRecv whose first buffer of several is empty succeeds with 0 bytes",
    .caught_by =
        "recv/ends_when_cancelled/empty_first_ipv4 recv/ends_when_cancelled/empty_first_ipv4_later",
    .change_table = change_table,
};
