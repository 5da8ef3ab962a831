#include "flawed/support/layer.h"

static volatile SOCKET aborted = INVALID_SOCKET;

static int WSPAPI shut_down(SOCKET s, int how, LPINT error)
{
    int returned = reference.lpWSPShutdown(s, how, error);

    if (returned == SOCKET_ERROR && *error == WSAECONNABORTED) {
        aborted = s;
    }
    return returned;
}

/* The error of the shutdown stays with the socket, and the close reports it. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);

    if (returned == 0 && s == aborted) {
        aborted = INVALID_SOCKET;
        *error = WSAECONNABORTED;
        return SOCKET_ERROR;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPShutdown = shut_down;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "STREAM-04",
    .what = "closing an aborted socket fails once WSPShutdown on it has failed",
    .caught_by = "stream/aborted_one_closes/after_a_shutdown_ipv4",
    .change_table = change_table,
};
