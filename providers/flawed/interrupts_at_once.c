#include "flawed/support/blocking.h"

static int before(void)
{
    return WSAEINTR;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.before = before});
}

const struct flaw flaw = {
    .requirement = "RACE-05",
    .what = "calls that could block fail with WSAEINTR at once, and nobody cancelled",
    .caught_by = "callback/is_called_while_blocked/accept_* cancel/ends_the_blocked_call/accept_*",
    .change_table = change_table,
};
