#include "flawed/support/blocking.h"

/* A cancel in a nested call is kept for the outermost one, which sees it at its next turn. */
static __thread LPBLOCKINGCALLBACK callback;
static __thread unsigned depth;
static __thread bool kept;

static int enter(void)
{
    depth++;
    return 0;
}

static int leave(int error)
{
    depth--;
    return error;
}

static BOOL CALLBACK turn(DWORD_PTR context)
{
    BOOL answer = callback(context);
    int ignored;

    if (depth == 1 && kept) {
        kept = false;
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? turn : NULL;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    if (depth > 1) {
        kept = true;
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
    .requirement = "CBC-14",
    .what = "a cancel in a nested call ends the outermost call of the thread, and not that one",
    .caught_by = "nested/cancel_ends_the_inner_call/accept_in_accept_ipv4"
                 " nested/cancel_ends_the_inner_call/recv_in_recv_ipv*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
