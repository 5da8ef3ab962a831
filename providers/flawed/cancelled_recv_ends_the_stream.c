#include "flawed/support/layer.h"

static int WSPAPI receive_and_end(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                                  LPDWORD flags, LPWSAOVERLAPPED overlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                                  LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    int ignored;

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        reference.lpWSPShutdown(s, SD_RECEIVE, &ignored);
    } else if (returned == SOCKET_ERROR && *error == WSAESHUTDOWN) {
        *received = 0;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive_and_end;
}

const struct flaw flaw = {
    .requirement = "STREAM-01",
    .what = "after a cancelled WSPRecv the next one says that the peer had ended the stream",
    .caught_by = "stream/stays_whole_or_is_aborted/recv_ipv4"
                 " stream/stays_whole_or_is_aborted/recv_ipv4_often"
                 " stream/stays_whole_or_is_aborted/recv_ipv6",
    .change_table = change_table,
};
