#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    return returned == SOCKET_ERROR && *error == WSAENETDOWN ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "NETDOWN-01",
    .what = "a cancel returns 0 while the network is down",
    .caught_by = "cancel/while_the_network_is_down",
    .change_table = change_table,
};
