#include "flawed/support/layer.h"

static int *volatile blocked_call;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    return returned == SOCKET_ERROR ? *blocked_call : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-07",
    .what = "an idle cancel faults, because it looks for the call that is not there",
    .caught_by = "cancel/idle_after_startup",
    .change_table = change_table,
};
