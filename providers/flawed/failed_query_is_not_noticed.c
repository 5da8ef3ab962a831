#include "flawed/support/layer.h"

/* What the upcall leaves is taken for a callback, whether it succeeded or not. */
static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    *callback = (LPBLOCKINGCALLBACK)(ULONG_PTR)0x10; /* what happened to stand on the stack */
    client.lpWPUQueryBlockingCallback(entry, callback, context, error);
    return 0;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-12",
    .what = "when WPUQueryBlockingCallback fails, a callback that was never given is called",
    .caught_by = "callback/query_may_fail/*",
    .change_upcalls = change_upcalls,
};
