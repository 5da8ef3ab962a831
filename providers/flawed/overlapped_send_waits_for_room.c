#include "flawed/support/layer.h"

#include "reference/sockets.h"

static bool is_blocking(SOCKET s)
{
    struct socket *socket;
    bool is = false;

    if (sockets_acquire(s, &socket) == 0) {
        is = !socket->traits.nonblocking;
        sockets_release(socket);
    }
    return is;
}

static int WSPAPI send_data(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD sent, DWORD flags,
                            LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                            LPWSATHREADID thread, LPINT error)
{
    fd_set set = {.fd_count = 1, .fd_array = {s}};

    if (overlapped != NULL && is_blocking(s) &&
        reference.lpWSPSelect(0, NULL, &set, NULL, NULL, error) == SOCKET_ERROR) {
        return SOCKET_ERROR;
    }
    return reference.lpWSPSend(s, buffers, count, sent, flags, overlapped, routine, thread, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSend = send_data;
}

const struct flaw flaw = {
    .requirement = "BHK-10",
    .what = "an overlapped WSPSend on a blocking socket waits for room, with callbacks",
    .caught_by = "overlapped/calls_nobody_back/send_*",
    .change_table = change_table,
};
