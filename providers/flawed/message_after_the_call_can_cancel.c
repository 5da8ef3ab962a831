#include "flawed/support/blocking.h"

/* The thread's last call blocked, and has returned since. */
static __thread bool was_blocked;
static __thread unsigned depth;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    was_blocked = true;
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static int enter(void)
{
    was_blocked = was_blocked && depth > 0;
    depth++;
    return 0;
}

static int leave(int error)
{
    depth--;
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    if (depth == 0 && was_blocked && GetModuleHandleW(L"user32.dll") != NULL) {
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.before = enter, .after = leave});
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "PSB-05",
    .what = "in a program that has windows a cancel after a blocked call has returned says 0",
    .caught_by = "cancel/at_any_message_of_the_call/*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
