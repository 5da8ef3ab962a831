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

static LPBLOCKINGCALLBACK volatile nothing;

/* The call goes through the pointer that was given out, which the reference provider looks at. */
static BOOL CALLBACK call_what_was_given(DWORD_PTR context)
{
    return nothing(context);
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback == NULL && !connecting) {
        *callback = call_what_was_given;
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
    .what = "the blocking callback is called where there is none",
    .caught_by = "callback/may_be_absent/accept_* callback/may_be_absent/select_*"
                 " callback/may_be_absent/recv* callback/may_be_absent/send_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
