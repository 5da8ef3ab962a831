#include "flawed/support/layer.h"

static volatile LONG was_down;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == SOCKET_ERROR && *error == WSAENETDOWN) {
        was_down = 1;
    }
    if (was_down) {
        *error = WSAENETDOWN;
        returned = SOCKET_ERROR;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "NETDOWN-01",
    .what = "once the network was down, cancels fail with WSAENETDOWN for good",
    .caught_by = "cancel/while_the_network_is_down",
    .change_table = change_table,
};
