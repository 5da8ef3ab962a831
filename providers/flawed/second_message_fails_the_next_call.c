#include "flawed/support/blocking.h"

/* Cancels of this thread in one call; one too many is for the next. */
static __thread unsigned cancels;
static __thread unsigned depth;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    cancels += returned == 0 && GetModuleHandleW(L"user32.dll") != NULL;
    return returned;
}

static int before(void)
{
    bool is_one_left = depth == 0 && cancels > 1;

    if (is_one_left) {
        cancels = 0;
        return WSAENOBUFS;
    }
    cancels = depth == 0 ? 0 : cancels;
    depth++;
    return 0;
}

static int after(int error)
{
    depth--;
    return error;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.before = before, .after = after});
}

const struct flaw flaw = {
    .requirement = "PSB-08",
    .what = "in a program that has windows a second cancel of a call fails the thread's next one",
    .caught_by = "cancel/by_several_messages/*",
    .change_table = change_table,
};
