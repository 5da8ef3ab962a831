#include "flawed/support/blocking.h"

static __thread LPINT remembered;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    remembered = returned == 0 ? error : NULL;
    return returned;
}

static int after(int error)
{
    if (remembered != NULL) {
        *remembered = error;
        remembered = NULL;
    }
    return error;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
}

const struct flaw flaw = {
    .requirement = "CBC-04",
    .what = "the lpErrno of a cancel is written to when the cancelled call ends",
    .caught_by = "cancel/writes_one_int/*",
    .change_table = change_table,
};
