#include "flawed/support/layer.h"

static int starts;
static bool slot_is_freed;

static int WSPAPI clean_up(LPINT error)
{
    int returned = reference.lpWSPCleanup(error);

    if (returned == 0) {
        starts--;
        slot_is_freed = true;
    }
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    if (slot_is_freed) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    slot_is_freed = slot_is_freed && starts > 0;
    starts++;
    table->lpWSPCleanup = clean_up;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-01",
    .what = "after a WSPCleanup that was not the last one no blocked call can be cancelled",
    .caught_by = "startup/first_clean_up_spares_blocked_calls/cancelled_*",
    .change_table = change_table,
};
