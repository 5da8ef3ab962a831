#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool in_callback;

/* It is the answer that counts, and nothing is remembered of the cancel. */
static int WSPAPI cancel(LPINT error)
{
    return in_callback ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static BOOL CALLBACK call_and_obey(DWORD_PTR context)
{
    BOOL answer;
    int ignored;

    in_callback = true;
    answer = callback(context);
    in_callback = false;
    if (!answer) {
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_and_obey : NULL;
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
    .requirement = "CBC-20",
    .what = "a call that was cancelled goes on if its callback answers TRUE",
    .caught_by = "cancel/needs_no_answer/connect_ipv4 cancel/needs_no_answer/select_ipv4"
                 " cancel/needs_no_answer/recvfrom_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
