#include "flawed/support/layer.h"

/* Cancels whose own call was cancelled already: they are for any other thread. */
static volatile LONG surplus;
static __thread LPBLOCKINGCALLBACK callback;
static __thread bool cancelled;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && cancelled) {
        InterlockedIncrement(&surplus);
    }
    cancelled = returned == 0;
    return returned;
}

static BOOL CALLBACK call_back(DWORD_PTR context)
{
    BOOL answer;
    int ignored;

    cancelled = false;
    answer = callback(context);
    if (!cancelled && surplus > 0) {
        InterlockedDecrement(&surplus);
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
    .what = "a second cancel in the same callback ends the call of another thread",
    .caught_by = "cancel/twice_in_one_callback/connect_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
