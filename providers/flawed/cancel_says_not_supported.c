#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    *error = WSAEOPNOTSUPP;
    return SOCKET_ERROR;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-01",
    .what = "WSPCancelBlockingCall fails with WSAEOPNOTSUPP, whatever is blocked",
    .caught_by = "cancel/ends_the_blocked_call/connect_ipv4",
    .change_table = change_table,
};
