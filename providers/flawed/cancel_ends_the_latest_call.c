#include "flawed/support/layer.h"

/* The thread that blocked last, and whether its call is to end. */
static volatile DWORD latest;
static volatile LONG cancelled;
static __thread LPBLOCKINGCALLBACK callback;

static BOOL CALLBACK call_and_look(DWORD_PTR context)
{
    int ignored;

    callback(context);
    if (GetCurrentThreadId() == latest && InterlockedExchange(&cancelled, 0) != 0) {
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    latest = GetCurrentThreadId();
    *function = returned == 0 && callback != NULL ? call_and_look : NULL;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && GetCurrentThreadId() != latest) {
        InterlockedExchange(&cancelled, 1);
    }
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
    .requirement = "THR-01",
    .what = "a cancel ends the call of the thread that blocked last as well",
    .caught_by = "thread/cancel_ends_its_own_call/recv_beside_recv_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
