#include "flawed/support/blocking.h"

/* Cancels that are left for a later call, of whatever thread; but not of the one that cancelled. */
static volatile LONG left;
static volatile DWORD cancelled_on;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        cancelled_on = GetCurrentThreadId();
        left = 1;
    }
    return returned;
}

static int before(void)
{
    return GetCurrentThreadId() != cancelled_on && InterlockedExchange(&left, 0) != 0 ? WSAEINTR
                                                                                      : 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.before = before});
}

const struct flaw flaw = {
    .requirement = "THR-01",
    .what = "a cancel ends the next call of another thread as well",
    .caught_by = "thread/cancel_ends_its_own_call/recv_beside_recv_ipv4"
                 " sticky/cancel_spares_the_call_of_another/*",
    .change_table = change_table,
};
