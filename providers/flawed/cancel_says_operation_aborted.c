#include "flawed/support/blocking.h"

static int after(int error)
{
    return error == WSAEINTR ? WSA_OPERATION_ABORTED : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
}

const struct flaw flaw = {
    .requirement = "CBC-15",
    .what = "a cancelled call fails with WSA_OPERATION_ABORTED",
    .caught_by = "cancel/says_wsaeintr/* overlapped/codes_are_kept_apart/*",
    .change_table = change_table,
};
