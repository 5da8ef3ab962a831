#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    int kept_to_itself;

    (void)error;
    return reference.lpWSPCancelBlockingCall(&kept_to_itself);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-05",
    .what = "a WSPCancelBlockingCall that fails does not say why",
    .caught_by = "cancel/idle_stores_a_code",
    .change_table = change_table,
};
