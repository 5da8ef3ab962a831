#include "flawed/support/native_wait.h"

/* Nobody can end the wait while the APC runs. */
static int WSPAPI cancel(LPINT error)
{
    while (waits_natively) {
        Sleep(1);
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    watch_native_waits(table);
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-25",
    .what = "a cancel in an APC that a native wait lets in waits for that wait to end",
    .caught_by = "cancel/in_an_apc/*",
    .change_upcalls = watch_queries,
    .change_table = change_table,
};
