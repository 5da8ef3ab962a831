#include "flawed/support/layer.h"

static volatile LONG connecting; /* the thread that does */
static volatile LONG cancelled;

static int WSPAPI cancel(LPINT error)
{
    if ((DWORD)connecting == GetCurrentThreadId()) {
        cancelled = 1;
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static int WSPAPI connect_to_the_end(SOCKET s, const struct sockaddr *name, int length,
                                     LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                     LPINT error)
{
    int returned;

    cancelled = 0;
    connecting = (LONG)GetCurrentThreadId();
    returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    connecting = 0;
    if (cancelled) {
        *error = WSAEINTR;
        return SOCKET_ERROR;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPConnect = connect_to_the_end;
}

const struct flaw flaw = {
    .requirement = "CONNECT-01",
    .what = "a cancelled connect ends with WSAEINTR, but not before the transport is done with it",
    .caught_by = "connect/ends_when_cancelled/ipv4",
    .change_table = change_table,
};
