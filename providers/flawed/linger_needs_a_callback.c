#include "flawed/support/layer.h"

static __thread bool closes;

/* What lingers, and has nobody to call back, is called off. */
static BOOL CALLBACK call_off(DWORD_PTR context)
{
    int ignored;

    (void)context;
    reference.lpWSPCancelBlockingCall(&ignored);
    return FALSE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (closes && returned == 0 && *callback == NULL) {
        *callback = call_off;
    } else {
        closes = false;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    int returned;

    closes = true;
    returned = reference.lpWSPCloseSocket(s, error);
    if (returned != 0 && *error == WSAEINTR && closes) {
        *error = WSAEWOULDBLOCK;
    }
    closes = false;
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "without a blocking callback a lingering WSPCloseSocket fails with WSAEWOULDBLOCK "
            "instead of waiting",
    .caught_by = "callback/may_be_absent/lingering_close_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
