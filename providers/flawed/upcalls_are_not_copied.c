#include "flawed/support/layer.h"

static SOCKET WSPAPI create_handle(DWORD entry, DWORD_PTR context, LPINT error)
{
    return upcalls_as_passed->lpWPUCreateSocketHandle(entry, context, error);
}

static int WSPAPI query_callback(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context,
                                 LPINT error)
{
    return upcalls_as_passed->lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCreateSocketHandle = create_handle;
    upcalls->lpWPUQueryBlockingCallback = query_callback;
}

const struct flaw flaw = {
    .requirement = "STARTUP-06",
    .what = "upcalls are looked up where WSPStartup found its argument",
    .caught_by = "startup/upcalls_are_copied/handles* startup/upcalls_are_copied/callback_*",
    .change_upcalls = change_upcalls,
};
