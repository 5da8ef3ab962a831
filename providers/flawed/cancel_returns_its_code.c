#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    return reference.lpWSPCancelBlockingCall(error) == 0 ? 0 : *error;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-07",
    .what = "a WSPCancelBlockingCall that fails returns its error code, and not SOCKET_ERROR",
    .caught_by = "cancel/idle_after_startup",
    .change_table = change_table,
};
