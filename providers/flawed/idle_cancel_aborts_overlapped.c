#include "flawed/support/pending.h"

/* The operation that the thread began last. */
static __thread WSAOVERLAPPED *pending;

static void remember(WSAOVERLAPPED *overlapped)
{
    pending = overlapped;
}

static int WSPAPI cancel(LPINT error)
{
    if (pending != NULL) {
        abort_pending(pending);
    }
    pending = NULL;
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_pending_calls(table, remember);
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-12",
    .what = "a cancel that finds no blocked call ends the thread's pending overlapped operation",
    .caught_by = "overlapped/pending_call_cannot_be_cancelled/recv_by_event_ipv4"
                 " overlapped/pending_call_cannot_be_cancelled/recvfrom_by_event_*"
                 " overlapped/pending_call_cannot_be_cancelled/send_by_event_ipv4",
    .change_table = change_table,
};
