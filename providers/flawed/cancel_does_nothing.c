#include "flawed/support/layer.h"

static int WSPAPI cancel_does_nothing(LPINT error)
{
    (void)error;
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel_does_nothing;
}

const struct flaw flaw = {
    .requirement = "CBC-02",
    .what = "WSPCancelBlockingCall returns 0 and does nothing",
    .caught_by = "cancel/ends_the_blocked_call/connect_ipv4",
    .change_table = change_table,
};
