#include "flawed/support/layer.h"

enum { CALLS_IN_A_ROW = 1000 };

static __thread LPBLOCKINGCALLBACK clients;

static BOOL CALLBACK call_without_a_pause(DWORD_PTR context)
{
    for (int i = 0; i < CALLS_IN_A_ROW; i++) {
        if (!clients(context)) {
            return FALSE;
        }
    }
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        clients = *callback;
        *callback = call_without_a_pause;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-02",
    .what = "a blocked call calls its callback in a loop without a pause",
    .caught_by = "callback/is_called_again_and_again/accept_*"
                 " callback/is_called_again_and_again/recv_*"
                 " callback/is_called_again_and_again/send_*",
    .change_upcalls = change_upcalls,
};
