#include "flawed/support/pending.h"

/* The thread's last overlapped call is pending, for all it knows. */
static __thread bool pending;

static void remember(WSAOVERLAPPED *overlapped)
{
    (void)overlapped;
    pending = true;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned != 0 && pending) {
        pending = false;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_pending_calls(table, remember);
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-12",
    .what = "a pending overlapped operation counts as a blocked call, which a cancel may find",
    .caught_by = "overlapped/pending_call_cannot_be_cancelled/recv_*",
    .change_table = change_table,
};
