#include "flawed/support/left_behind.h"

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned != 0 && *error == WSAEINTR && count > 1) {
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
    .what = "after a cancel a WSPRecv into several buffers goes on behind the client's back, into "
            "the last",
    .caught_by = "recv/leaves_its_memory_alone/many_buffers_ipv4",
    .change_table = change_table,
};
