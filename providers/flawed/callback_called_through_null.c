#include "flawed/support/layer.h"

static LPBLOCKINGCALLBACK volatile nothing;

/* The call goes through the pointer that was given out, which the reference provider looks at. */
static BOOL CALLBACK call_what_was_given(DWORD_PTR context)
{
    return nothing(context);
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback == NULL) {
        *callback = call_what_was_given;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "the blocking callback is called where there is none",
    .caught_by = "callback/may_be_absent/*",
    .change_upcalls = change_upcalls,
};
