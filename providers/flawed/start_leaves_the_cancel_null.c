#include "flawed/support/layer.h"

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = NULL;
}

const struct flaw flaw = {
    .requirement = "STARTUP-04",
    .what = "the entry of WSPCancelBlockingCall is NULL",
    .caught_by = "startup/fills_the_proc_table",
    .change_table = change_table,
};
