#include "flawed/support/blocking.h"

/* Cancels of this thread that found nothing to cancel. */
static __thread int left;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    left += returned != 0;
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
    .requirement = "STICKY-02",
    .what = "a cancel that finds nothing to cancel ends the next call of its thread",
    .caught_by = "sticky/early_cancels_spare_the_first_call/accept_ipv4"
                 " sticky/idle_cancel_spares_the_next_call/accept_same_socket_ipv4",
    .change_table = change_table,
};
