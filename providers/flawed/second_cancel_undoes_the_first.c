#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool in_callback;
static __thread bool cancelled;

/* The flag is toggled, not set. */
static int WSPAPI cancel(LPINT error)
{
    if (!in_callback) {
        return reference.lpWSPCancelBlockingCall(error);
    }
    cancelled = !cancelled;
    return 0;
}

static BOOL CALLBACK call_back(DWORD_PTR context)
{
    BOOL answer;
    int ignored;

    in_callback = true;
    answer = callback(context);
    in_callback = false;
    if (cancelled) {
        cancelled = false;
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_back : NULL;
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
    .requirement = "CBC-19",
    .what = "a second cancel in the same callback undoes the first",
    .caught_by = "cancel/twice_in_one_callback/connect_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
