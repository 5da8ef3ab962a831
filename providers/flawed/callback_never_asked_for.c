#include "flawed/support/layer.h"

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    (void)entry;
    (void)error;
    *callback = NULL;
    *context = 0;
    return 0;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "all calls wait natively, and nobody is asked for a blocking callback",
    .caught_by = "callback/is_called_at_all",
    .change_upcalls = change_upcalls,
};
