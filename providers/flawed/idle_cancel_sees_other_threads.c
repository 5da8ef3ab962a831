#include "flawed/support/blocking.h"

/* Calls under way, on whatever thread. */
static volatile LONG under_way;

static int before(void)
{
    InterlockedIncrement(&under_way);
    return 0;
}

static int after(int error)
{
    InterlockedDecrement(&under_way);
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    return under_way > 0 ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.before = before, .after = after});
}

const struct flaw flaw = {
    .requirement = "CBC-13",
    .what = "WSPCancelBlockingCall returns 0 on an idle thread while another one is blocked",
    .caught_by = "thread/idle_one_cancels_nothing/[!i]*",
    .change_table = change_table,
};
