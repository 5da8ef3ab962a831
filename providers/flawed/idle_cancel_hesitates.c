#include "flawed/support/layer.h"

/* How long a cancel looks for something to cancel. */
enum { LOOK_MS = 400 };

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned != 0) {
        Sleep(LOOK_MS);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-25",
    .what = "a cancel that finds nothing to cancel takes its time to say so",
    .caught_by = "cancel/neither_waits_nor_calls_back/idle",
    .change_table = change_table,
};
