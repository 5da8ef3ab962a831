#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    if (reference.lpWSPCancelBlockingCall(error) == 0) {
        *error = WSAEINVAL;
    }
    return SOCKET_ERROR;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-01",
    .what = "WSPCancelBlockingCall fails with WSAEINVAL, and ends the blocked call all the same",
    .caught_by = "cancel/ends_the_blocked_call/connect_* cancel/ends_the_blocked_call/select_*"
                 " cancel/ends_the_blocked_call/recvfrom_*",
    .change_table = change_table,
};
