#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool in_callback;
static __thread bool cancelled;

static int WSPAPI cancel(LPINT error)
{
    if (!in_callback) {
        return reference.lpWSPCancelBlockingCall(error);
    }
    cancelled = true;
    return 0;
}

/* FALSE is taken for what an application's own blocking hook says: no message was there. */
static BOOL CALLBACK call_and_cancel_if_true(DWORD_PTR context)
{
    BOOL answer;
    int ignored;

    in_callback = true;
    answer = callback(context);
    in_callback = false;
    if (cancelled && answer) {
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    cancelled = false;
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_and_cancel_if_true : NULL;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-21",
    .what = "a callback that cancels and then returns FALSE does not end the call",
    .caught_by = "cancel/ends_the_blocked_call/connect_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
