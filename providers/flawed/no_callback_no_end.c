#include "flawed/support/layer.h"

/* Keeps the call, whatever happens on its socket. */
static BOOL CALLBACK wait_for_good(DWORD_PTR context)
{
    (void)context;
    WaitForSingleObject(GetCurrentProcess(), INFINITE);
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback == NULL) {
        *callback = wait_for_good;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "a call without a blocking callback waits for ever",
    .caught_by = "callback/may_be_absent/*",
    .change_upcalls = change_upcalls,
};
