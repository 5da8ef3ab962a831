#include "flawed/support/native_wait.h"

static int WSPAPI cancel(LPINT error)
{
    if (waits_natively) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    watch_native_waits(table);
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-23",
    .what = "a cancel in an APC that a native wait lets in finds nothing to cancel",
    .caught_by = "cancel/in_an_apc/*",
    .change_upcalls = watch_queries,
    .change_table = change_table,
};
