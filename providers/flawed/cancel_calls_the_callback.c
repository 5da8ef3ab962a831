#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread DWORD_PTR context_of_callback;
static __thread bool in_callback;
static __thread bool in_cancel;

static BOOL CALLBACK call_back(DWORD_PTR context)
{
    BOOL answer;

    context_of_callback = context;
    in_callback = true;
    answer = callback(context);
    in_callback = false;
    return answer;
}

/* Tells the client that its call will go on no longer. */
static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && in_callback && !in_cancel) {
        in_cancel = true;
        callback(context_of_callback);
        in_cancel = false;
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
    .requirement = "CBC-25",
    .what = "a cancel calls the blocking callback",
    .caught_by = "cancel/neither_waits_nor_calls_back/connect_ipv4"
                 " cancel/neither_waits_nor_calls_back/accept_ipv4"
                 " cancel/neither_waits_nor_calls_back/recvfrom_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
