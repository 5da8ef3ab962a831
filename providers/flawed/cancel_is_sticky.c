#include "flawed/support/blocking.h"

/* Cancels of this thread that are left for a later call. */
static __thread int left;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        left = 1;
    }
    return returned;
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
    wrap_blocking_calls(table, (struct blocking_calls){.before = before});
}

const struct flaw flaw = {
    .requirement = "STICKY-01",
    .what = "a cancel ends the next call of its thread as well",
    .caught_by = "sticky/cancel_spares_the_next_call/accept_then_same_socket_ipv4",
    .change_table = change_table,
};
