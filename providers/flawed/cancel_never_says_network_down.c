#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == SOCKET_ERROR && *error == WSAENETDOWN) {
        *error = WSAEINVAL;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "NETDOWN-01",
    .what = "a cancel fails with WSAEINVAL while the network is down",
    .caught_by = "cancel/while_the_network_is_down",
    .change_table = change_table,
};
