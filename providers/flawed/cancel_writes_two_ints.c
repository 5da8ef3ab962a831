#include "flawed/support/layer.h"

static int WSPAPI cancel(LPINT error)
{
    error[1] = 0;
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-04",
    .what = "WSPCancelBlockingCall writes two INTs where lpErrno points to one",
    .caught_by = "cancel/idle_writes_one_int",
    .change_table = change_table,
};
