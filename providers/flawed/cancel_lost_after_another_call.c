#include "flawed/support/nested.h"

static int WSPAPI cancel(LPINT error)
{
    return is_in_callback() && nested_calls() > 0 ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_nested_calls(table, NULL);
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "REENT-02",
    .what = "a cancel is lost, though it returns 0, when another entry was called in the callback "
            "before it",
    .caught_by = "nested/cancel_is_never_refused/connect_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
