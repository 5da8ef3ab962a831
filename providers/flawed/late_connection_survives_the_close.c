#include "flawed/support/layer.h"

/* A cancel that comes so late is only remembered. */
enum { LATE_MS = 300 };

static volatile LONG connecting; /* the thread that does */
static ULONGLONG began;
static bool cancelled;
static SOCKET survivor = INVALID_SOCKET;

static int WSPAPI cancel(LPINT error)
{
    if ((DWORD)connecting == GetCurrentThreadId() && GetTickCount64() - began > LATE_MS) {
        cancelled = true;
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static int WSPAPI connect_once(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                               LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    int returned;

    cancelled = false;
    began = GetTickCount64();
    connecting = (LONG)GetCurrentThreadId();
    returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    connecting = 0;
    if (cancelled && returned == 0) {
        survivor = s;
        *error = WSAEINTR;
        returned = SOCKET_ERROR;
    }
    return returned;
}

static int WSPAPI close_most(SOCKET s, LPINT error)
{
    return s == survivor ? 0 : reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPConnect = connect_once;
    table->lpWSPCloseSocket = close_most;
}

const struct flaw flaw = {
    .requirement = "CONNECT-06",
    .what = "a connection that came through as its connect was cancelled outlives its socket",
    .caught_by = "connect/comes_through_in_the_callback/ipv4",
    .change_table = change_table,
};
