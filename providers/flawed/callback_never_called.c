#include "flawed/support/layer.h"

static BOOL CALLBACK call_nobody(DWORD_PTR context)
{
    (void)context;
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        *callback = call_nobody;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "the blocking callback is asked for and never called",
    .caught_by = "callback/is_called_at_all",
    .change_upcalls = change_upcalls,
};
