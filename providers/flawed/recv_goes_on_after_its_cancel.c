#include "flawed/support/left_behind.h"

static int WSPAPI receive_on(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received,
                             LPDWORD flags, LPWSAOVERLAPPED overlapped,
                             LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                             LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        leave_receive_behind(s, buffers, received);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive_on;
}

const struct flaw flaw = {
    .requirement = "RECV-02",
    .what = "after a cancel the receive goes on behind the client's back, into its buffer",
    .caught_by = "recv/leaves_its_memory_alone/*",
    .change_table = change_table,
};
