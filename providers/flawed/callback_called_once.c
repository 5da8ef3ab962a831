#include "flawed/support/layer.h"

/* Of the thread's blocked call; a blocked call asks for its callback once. */
static __thread LPBLOCKINGCALLBACK clients;
static __thread bool called;

static BOOL CALLBACK call_once(DWORD_PTR context)
{
    if (called) {
        return TRUE;
    }
    called = true;
    return clients(context);
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        clients = *callback;
        called = false;
        *callback = call_once;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-02",
    .what = "the blocking callback is called once in a call, and not again",
    .caught_by = "callback/is_called_again_and_again/connect_*"
                 " callback/is_called_again_and_again/select_*"
                 " callback/is_called_again_and_again/recvfrom_*",
    .change_upcalls = change_upcalls,
};
