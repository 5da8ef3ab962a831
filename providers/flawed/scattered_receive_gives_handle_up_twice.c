#include "flawed/support/layer.h"

static volatile SOCKET scattered = INVALID_SOCKET;

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && count > 1) {
        scattered = s;
    }
    return returned;
}

/* The clean-up of the interrupted receive gives up the handle that the close has given up. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);
    int ignored;

    if (returned == 0 && s == scattered) {
        scattered = INVALID_SOCKET;
        client.lpWPUCloseSocketHandle(s, &ignored);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "PCS-03",
    .what = "after a cancelled WSPRecv into several buffers, closing gives the handle up twice",
    .caught_by = "close/gives_the_handle_up/recv_many_buffers_ipv4",
    .change_table = change_table,
};
