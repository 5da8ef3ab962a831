#include "flawed/support/blocking.h"

static __thread unsigned calls; /* on this thread's stack */
static __thread bool is_hidden;

static int enters(void)
{
    calls++;
    return 0;
}

static int leaves(int error)
{
    calls--;
    if (calls == 0) {
        is_hidden = false;
    } else if (error == WSAEINTR) {
        is_hidden = true;
    }
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    if (calls == 1 && is_hidden) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.before = enters, .after = leaves});
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-01",
    .what = "once a call in the callback was cancelled, the outer one can no longer be",
    .caught_by = "nested/outer_call_can_be_cancelled/*",
    .change_table = change_table,
};
