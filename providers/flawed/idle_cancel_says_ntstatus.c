#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == SOCKET_ERROR && *error == WSAEINVAL) {
        *error = (int)STATUS_INVALID_PARAMETER;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-07",
    .what = "an idle cancel stores an NTSTATUS, STATUS_INVALID_PARAMETER, where WSAEINVAL belongs",
    .caught_by = "cancel/idle_after_startup",
    .change_table = change_table,
};
