#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool cancelled;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    cancelled = returned == 0;
    return returned;
}

static BOOL CALLBACK call_once_more(DWORD_PTR context)
{
    BOOL answer = callback(context);

    if (cancelled) {
        cancelled = false;
        callback(context);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_once_more : NULL;
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
    .requirement = "CBC-18",
    .what = "the blocking callback is called once more after it cancelled the call",
    .caught_by = "cancel/ends_the_callbacks/*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
