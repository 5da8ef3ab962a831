#include "flawed/support/layer.h"

/* The thread is in a connect, which is left as it is: cases that receive have to get that far. */
static __thread bool connecting;

static int WSPAPI connect_as_ever(SOCKET s, const struct sockaddr *name, int length,
                                  LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                  LPINT error)
{
    int returned;

    connecting = true;
    returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    connecting = false;
    return returned;
}

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

    if (returned == 0 && *callback == NULL && !connecting) {
        *callback = give_up;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_as_ever;
}

const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "a call that cannot wait in a blocking callback does not wait at all",
    .caught_by = "callback/may_be_absent/accept_* callback/may_be_absent/select_*"
                 " callback/may_be_absent/recv* callback/may_be_absent/send_*"
                 " callback/may_be_absent/lingering_close_* callback/may_be_absent/ioctl_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
