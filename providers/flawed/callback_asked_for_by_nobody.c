#include "flawed/support/layer.h"

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    (void)entry;
    return client.lpWPUQueryBlockingCallback(0, callback, context, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-04",
    .what = "the blocking callback is asked for with a catalog id of zero",
    .caught_by = "callback/is_asked_for_by_its_entry/*",
    .change_upcalls = change_upcalls,
};
