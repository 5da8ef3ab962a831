#include "flawed/support/layer.h"

/* A connect that takes longer than this many turns is not looked after any more. */
enum { TURNS = 5 };

static __thread bool connecting;
static __thread int turns;

static BOOL CALLBACK fall_asleep(DWORD_PTR context)
{
    (void)context;
    if (connecting && ++turns > TURNS) {
        WaitForSingleObject(GetCurrentProcess(), INFINITE);
    }
    return TRUE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback == NULL) {
        *callback = fall_asleep;
    }
    return returned;
}

static int WSPAPI connect_counted(SOCKET s, const struct sockaddr *name, int length,
                                  LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                  LPINT error)
{
    int returned;

    turns = 0;
    connecting = true;
    returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    connecting = false;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_counted;
}

const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "a connect without a blocking callback is forgotten if it takes its time",
    .caught_by = "callback/may_be_absent/connect_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
