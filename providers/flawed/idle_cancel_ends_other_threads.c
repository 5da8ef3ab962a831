#include "flawed/support/layer.h"

/* How many cancels there were, and how many of them this thread has heard of. */
static volatile LONG cancels;
static __thread LONG heard;
static __thread LPBLOCKINGCALLBACK callback;

static BOOL CALLBACK call_and_look(DWORD_PTR context)
{
    BOOL answer = callback != NULL ? callback(context) : TRUE;
    int ignored;

    if (heard != cancels) {
        heard = cancels;
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return answer;
}

/* A thread without a callback gets this one all the same, to hear of cancels. */
static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    heard = cancels;
    *function = call_and_look;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned != 0) {
        InterlockedIncrement(&cancels);
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
    .requirement = "THR-02",
    .what = "a cancel on an idle thread says WSAEINVAL, and ends the blocked calls of the others",
    .caught_by = "thread/idle_one_cancels_nothing/connect_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
