#include "flawed/support/pending.h"

/* The operation that the thread began last. */
static __thread WSAOVERLAPPED *pending;

static void remember(WSAOVERLAPPED *overlapped)
{
    pending = overlapped;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && pending != NULL) {
        abort_pending(pending);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_pending_calls(table, remember);
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "OVL-01",
    .what = "a cancel that ends a blocked call ends the thread's overlapped operation as well",
    .caught_by = "overlapped/survives_a_cancelled_call/*_by_event_*",
    .change_table = change_table,
};
