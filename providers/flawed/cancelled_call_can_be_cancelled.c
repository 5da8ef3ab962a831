#include "flawed/support/blocking.h"

/* The thread's last call was cancelled. */
static __thread bool cancelled;

static int after(int error)
{
    cancelled = error == WSAEINTR;
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    return cancelled ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static int before(void)
{
    cancelled = false;
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.before = before, .after = after});
}

const struct flaw flaw = {
    .requirement = "CBC-09",
    .what = "WSPCancelBlockingCall returns 0 after a call that was cancelled and has returned",
    .caught_by = "cancel/idle_after_a_cancelled_call/*",
    .change_table = change_table,
};
