#include "flawed/support/layer.h"

static BOOL CALLBACK give_up(DWORD_PTR context)
{
    int error;

    (void)context;
    reference.lpWSPCancelBlockingCall(&error);
    return FALSE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback == NULL) {
        *callback = give_up;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

/* A connect that ends at once may be the network's doing. */
const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "a call that cannot wait in a blocking callback does not wait at all",
    .caught_by = "callback/may_be_absent/accept_* callback/may_be_absent/select_*"
                 " callback/may_be_absent/recv* callback/may_be_absent/send_*",
    .change_upcalls = change_upcalls,
};
