#include "flawed/support/blocking.h"

/* Cancels of this thread in the call that it makes. */
static __thread unsigned cancels;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    cancels += returned == 0 && GetModuleHandleW(L"user32.dll") != NULL;
    return returned;
}

static int before(void)
{
    cancels = 0;
    return 0;
}

static int after(int error)
{
    return error == WSAEINTR && cancels > 1 ? WSA_OPERATION_ABORTED : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.before = before, .after = after});
}

const struct flaw flaw = {
    .requirement = "PSB-08",
    .what = "in a program that has windows a call that is cancelled twice fails with"
            " WSA_OPERATION_ABORTED",
    .caught_by = "cancel/by_several_messages/*",
    .change_table = change_table,
};
