#include "flawed/support/layer.h"

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (*context == 0) {
        *context = (DWORD_PTR)context;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-03",
    .what = "a context of zero is taken for none, and replaced",
    .caught_by = "callback/gets_its_context/*_zero",
    .change_upcalls = change_upcalls,
};
