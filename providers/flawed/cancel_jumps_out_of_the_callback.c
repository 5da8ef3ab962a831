#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread void *way_out[5];
static __thread bool in_callback;

/* The cancel comes out here, and leaves the callback for good. */
static BOOL CALLBACK call_back(DWORD_PTR context)
{
    BOOL answer = FALSE;

    if (__builtin_setjmp(way_out) == 0) {
        in_callback = true;
        answer = callback(context);
    }
    in_callback = false;
    return answer;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && in_callback) {
        __builtin_longjmp(way_out, 1);
    }
    return returned;
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
    .requirement = "CBC-17",
    .what = "a cancel jumps out of the blocking callback and ends the call at once",
    .caught_by = "cancel/ends_no_call_before_its_callback/connect_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
