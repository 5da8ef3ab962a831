#include "flawed/support/layer.h"

enum { THREADS_MAX = 16 };

/* The threads that are blocked, in the order in which they did; whose call is to end. */
static DWORD volatile blocked[THREADS_MAX];
static volatile LONG count;
static volatile DWORD cancelled;
static __thread LPBLOCKINGCALLBACK callback;

/* The cancel goes to whoever comes first in the list, and to nobody else. */
static int WSPAPI cancel(LPINT error)
{
    if (callback == NULL) {
        return reference.lpWSPCancelBlockingCall(error);
    }
    cancelled = blocked[0];
    return 0;
}

static BOOL CALLBACK call_and_look(DWORD_PTR context)
{
    int ignored;

    callback(context);
    if (cancelled == GetCurrentThreadId()) {
        cancelled = 0;
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    if (count < THREADS_MAX) {
        blocked[InterlockedIncrement(&count) - 1] = GetCurrentThreadId();
    }
    *function = returned == 0 && callback != NULL ? call_and_look : NULL;
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
    .what = "a cancel ends the call of the thread that blocked first, and not that of its own",
    .caught_by = "thread/cancel_ends_its_own_call/accept_beside_accept_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
