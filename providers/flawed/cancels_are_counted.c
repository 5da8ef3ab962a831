#include "flawed/support/blocking.h"

/* Cancels of this thread that no call has used up. */
static __thread int left;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    left += returned == 0;
    return returned;
}

static int after(int error)
{
    left -= error == WSAEINTR && left > 0;
    return error;
}

static int before(void)
{
    if (left == 0) {
        return 0;
    }
    left = 0;
    return WSAEINTR;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.before = before, .after = after});
}

const struct flaw flaw = {
    .requirement = "STICKY-01",
    .what = "of two cancels in one callback the second ends the next call of the thread",
    .caught_by = "sticky/two_cancels_spare_the_next_call/accept_ipv4",
    .change_table = change_table,
};
