#include "flawed/support/kinds.h"
#include "flawed/support/left_behind.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && !is_stream(s)) {
        leave_receive_behind(s, &buffers[count - 1], NULL);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "RECV-02",
    .what = "after a cancel a WSPRecv on a datagram socket goes on behind the client's back",
    .caught_by = "recv/leaves_its_memory_alone/datagram_ipv4",
    .change_table = change_table,
};
