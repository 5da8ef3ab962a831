#include "flawed/support/blocking.h"

static __thread unsigned depth;

static int enter(void)
{
    depth++;
    return 0;
}

static int leave(int error)
{
    depth--;
    return error == WSAEINTR && depth > 0 ? WSA_OPERATION_ABORTED : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.before = enter, .after = leave});
}

const struct flaw flaw = {
    .requirement = "CBC-14",
    .what = "a cancelled call that was made in a callback fails with WSA_OPERATION_ABORTED",
    .caught_by = "nested/cancel_ends_the_inner_call/*",
    .change_table = change_table,
};
