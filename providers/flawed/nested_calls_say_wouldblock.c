#include "flawed/support/nested.h"

static int refuse(void)
{
    return WSAEWOULDBLOCK;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_nested_calls(table, refuse);
}

const struct flaw flaw = {
    .requirement = "REENT-01",
    .what = "a call made in the blocking callback fails with WSAEWOULDBLOCK",
    .caught_by = "nested/blocked_call_is_unharmed/accept_ipv4"
                 " nested/cancel_is_never_refused/recv_*"
                 " nested/cancel_is_never_refused/recvfrom_ipv4"
                 " nested/cancel_is_never_refused/send_ipv4"
                 " nested/blocked_call_is_unharmed/recvfrom_ipv4"
                 " nested/blocked_call_is_unharmed/send_ipv4",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
