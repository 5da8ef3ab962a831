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

/* Keeps the call, whatever happens on its socket. */
static BOOL CALLBACK wait_for_good(DWORD_PTR context)
{
    (void)context;
    WaitForSingleObject(GetCurrentProcess(), INFINITE);
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback == NULL && !connecting) {
        *callback = wait_for_good;
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
    .what = "a call without a blocking callback waits for ever",
    .caught_by = "callback/may_be_absent/accept_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
