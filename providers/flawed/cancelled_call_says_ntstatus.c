#include "flawed/support/blocking.h"

enum { CANCELLED = (int)0xC0000120 };

static int after(int error)
{
    return error == WSAEINTR ? CANCELLED : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
}

const struct flaw flaw = {
    .requirement = "CBC-02",
    .what = "a cancelled call stores an NTSTATUS, STATUS_CANCELLED, where WSAEINTR belongs",
    .caught_by = "cancel/ends_the_blocked_call/connect_ipv4 cancel/ends_the_blocked_call/accept_*"
                 " cancel/ends_the_blocked_call/recv_* cancel/ends_the_blocked_call/send_*",
    .change_table = change_table,
};
