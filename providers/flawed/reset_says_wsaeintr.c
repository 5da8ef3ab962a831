#include "flawed/support/blocking.h"

static int after(int error)
{
    return error == WSAECONNRESET ? WSAEINTR : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
}

const struct flaw flaw = {
    .requirement = "RACE-05",
    .what = "a receive whose connection was reset fails with WSAEINTR",
    .caught_by = "race/only_a_cancel_interrupts/recv_is_reset_*"
                 " race/only_a_cancel_interrupts/send_is_reset_*",
    .change_table = change_table,
};
