#include "flawed/support/call_back.h"

#include "reference/sockets.h"

/* Without events the socket is taken for a blocking one when the callback is called. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    struct socket *socket;
    bool withdrawn = false;

    if (sockets_acquire(s, &socket) == 0) {
        withdrawn = socket->traits.nonblocking && socket->sending_ended;
        sockets_release(socket);
    }
    if (returned != 0 && *error == WSAEWOULDBLOCK && withdrawn) {
        call_back_once();
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "BHK-08",
    .what = "WSPRecv on a non-blocking socket calls the blocking callback once its sending side "
            "was shut down",
    .caught_by = "callback/is_not_called_on_nonblocking_sockets/by_ioctl_ipv4",
    .start = start_to_call_back,
    .change_table = change_table,
};
