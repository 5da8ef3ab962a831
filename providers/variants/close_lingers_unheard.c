#include "variants/support/variant.h"

static __thread bool closing;

static int before(struct call *call)
{
    closing = call->entry == ENTRY_WSPCloseSocket;
    return 0;
}

static int after(struct call *call, int error)
{
    (void)call;
    closing = false;
    return error;
}

/* A close waits in the system, where no callback is called. */
static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (closing) {
        *callback = NULL;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct variant variant = {
    .requirement = "CLOSE-06",
    .why_allowed =
        "that a WSPCloseSocket which lingers calls back is advised, not demanded (BHK-01)",
    .touches = "close/lingering_one_can_be_cancelled/ipv4 close/calls_back_only_to_linger/*_ipv4",
    .hidden_from = "close/lingering_one_can_be_cancelled/*",
    .before = before,
    .after = after,
    .change_upcalls = change_upcalls,
};
