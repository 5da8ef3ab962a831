#include "flawed/support/nested.h"

static int refuse(void)
{
    return WSAEINPROGRESS;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_nested_calls(table, refuse);
}

const struct flaw flaw = {
    .requirement = "REENT-04",
    .what = "calls in the blocking callback are refused under version 2.2 as they were under 1.1",
    .caught_by = "nested/calls_are_carried_out/*",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
