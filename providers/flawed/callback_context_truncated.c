#include "flawed/support/layer.h"

/* A DWORD on x64, where a DWORD_PTR is twice as wide; half as much on x86. */
static const DWORD_PTR lower_half = ((DWORD_PTR)1 << sizeof(DWORD_PTR) * 4) - 1;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    *context &= lower_half;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-03",
    .what = "the callback's context is kept in a DWORD, and loses its upper half",
    .caught_by = "callback/gets_its_context/*_ipv4 callback/gets_its_context/*_ipv6",
    .change_upcalls = change_upcalls,
};
