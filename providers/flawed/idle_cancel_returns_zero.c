#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    reference.lpWSPCancelBlockingCall(error);
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-07",
    .what = "WSPCancelBlockingCall returns 0 when there is nothing to cancel, too",
    .caught_by = "cancel/idle_after_startup nonblocking/pending_is_no_blocking_call/accept_*"
                 " nonblocking/pending_is_no_blocking_call/recv_*",
    .change_table = change_table,
};
