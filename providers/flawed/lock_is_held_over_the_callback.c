#include "flawed/support/nested.h"

static int wait_for_the_lock(void)
{
    Sleep(INFINITE);
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_nested_calls(table, wait_for_the_lock);
}

const struct flaw flaw = {
    .requirement = "REENT-01",
    .what =
        "a lock is held while the callback runs, and other calls made there wait for it for ever",
    .caught_by = "nested/blocked_call_is_unharmed/accept_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
