#include "flawed/support/blocking.h"

/* The thread's last call completed. */
static __thread bool completed;

static int after(int error)
{
    completed = error == 0;
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    return completed ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static int before(void)
{
    completed = false;
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.before = before, .after = after});
}

const struct flaw flaw = {
    .requirement = "CBC-08",
    .what = "WSPCancelBlockingCall returns 0 after a call that completed",
    .caught_by = "cancel/idle_after_completion/*",
    .change_table = change_table,
};
