#include "flawed/support/kinds.h"
#include "flawed/support/readable.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && count > 1 && is_stream(s) && is_readable(s)) {
        DWORD taken;
        DWORD no_flags = 0;
        int ignored;
        reference.lpWSPRecv(s, buffers, 1, &taken, &no_flags, NULL, NULL, NULL, &ignored);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "STREAM-01",
    .what = "a cancelled WSPRecv into several buffers has filled the first from what had come, and "
            "the stream goes on after it",
    .caught_by = "stream/stays_whole_or_is_aborted/recv_many_buffers_ipv4",
    .change_table = change_table,
};
