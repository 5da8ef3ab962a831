#include "flawed/support/blocking.h"

enum { LATE_MS = 1500 };

static int after(int error)
{
    if (error == WSAEINTR) {
        WaitForSingleObject(GetCurrentThread(), LATE_MS);
    }
    return error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
}

const struct flaw flaw = {
    .requirement = "CBC-16",
    .what = "a cancelled call returns one and a half seconds later",
    .caught_by = "cancel/ends_the_call_promptly/*",
    .change_table = change_table,
};
