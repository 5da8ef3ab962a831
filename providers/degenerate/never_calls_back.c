#include "degenerate/support/degenerate.h"

/* Without a callback the reference provider waits natively. */
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

const struct degenerate degenerate = {
    .kind = BROKEN,
    .what = "no call ever asks for the blocking callback, nor calls it",
    .verdict = "non-conforming",
    .cause = "expectation",
    .caught_by = "callback/is_called_at_all",
    .change_upcalls = change_upcalls,
};
