#include "flawed/support/layer.h"

/* Asks the client whether it is sure. */
static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int ignored;

    if (returned != 0 && client.lpWPUQueryBlockingCallback(0, &callback, &context, &ignored) == 0 &&
        callback != NULL) {
        callback(context);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-25",
    .what = "a cancel that finds nothing to cancel calls the blocking callback",
    .caught_by = "cancel/neither_waits_nor_calls_back/idle",
    .change_table = change_table,
};
