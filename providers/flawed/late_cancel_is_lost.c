#include "flawed/support/layer.h"

static LPBLOCKINGCALLBACK callback;
static volatile LONG turn; /* of the callback in the call that asked for it last */

static BOOL CALLBACK count_and_call(DWORD_PTR context)
{
    turn++;
    return callback(context);
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    turn = 0;
    *function = returned == 0 && callback != NULL ? count_and_call : NULL;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return turn > 1 ? 0 : reference.lpWSPCancelBlockingCall(error);
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
    .requirement = "RECV-01",
    .what = "only the first blocking callback of a call can cancel it; a later cancel returns 0 "
            "and does nothing",
    .caught_by = "recv/ends_when_cancelled/one_buffer_ipv4_later",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
