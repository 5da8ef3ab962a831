#include "flawed/support/layer.h"

static __thread bool connecting;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    if (connecting) {
        *callback = NULL;
        *context = 0;
        return 0;
    }
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static int WSPAPI connect_natively(SOCKET s, const struct sockaddr *name, int length,
                                   LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                   LPINT error)
{
    int returned;

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
    table->lpWSPConnect = connect_natively;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "WSPConnect waits natively, while all other calls call the blocking callback",
    .caught_by = "callback/is_called_while_blocked/connect_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
