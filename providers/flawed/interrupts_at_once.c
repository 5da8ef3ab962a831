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
    .caught_by = "callback/is_called_while_blocked/accept_ipv4"
                 " race/only_a_cancel_interrupts/accept_completes_*"
                 " race/only_a_cancel_interrupts/select_*"
                 " race/only_a_cancel_interrupts/recv_completes_*"
                 " race/only_a_cancel_interrupts/recvfrom_completes_*",
    .change_table = change_table,
};
