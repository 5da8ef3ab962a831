#include "flawed/support/blocking.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool cancelled;
static __thread bool contradicted;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    cancelled = returned == 0;
    return returned;
}

static BOOL CALLBACK call_and_compare(DWORD_PTR context)
{
    BOOL answer;

    cancelled = false;
    answer = callback(context);
    contradicted = cancelled && answer;
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    contradicted = false;
    *function = returned == 0 && callback != NULL ? call_and_compare : NULL;
    return returned;
}

static int after(int error)
{
    return error == WSAEINTR && contradicted ? WSAECONNABORTED : 0;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
}

const struct flaw flaw = {
    .requirement = "CBC-20",
    .what = "a cancelled call whose callback answers TRUE fails with WSAECONNABORTED",
    .caught_by = "cancel/needs_no_answer/connect_ipv4 cancel/needs_no_answer/accept_ipv4"
                 " cancel/needs_no_answer/recv_ipv4 cancel/needs_no_answer/send_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
