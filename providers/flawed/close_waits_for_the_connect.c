#include "flawed/support/layer.h"

enum { TRANSPORT_GIVES_UP_MS = 21000 };

static volatile SOCKET cancelled = INVALID_SOCKET;

static int WSPAPI connect_and_remember(SOCKET s, const struct sockaddr *name, int length,
                                       LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                       LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        cancelled = s;
    }
    return returned;
}

static int WSPAPI close_when_given_up(SOCKET s, LPINT error)
{
    if (s == cancelled) {
        Sleep(TRANSPORT_GIVES_UP_MS);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_remember;
    table->lpWSPCloseSocket = close_when_given_up;
}

const struct flaw flaw = {
    .requirement = "CONNECT-02",
    .what = "closing after a cancelled connect waits until the transport has given up",
    .caught_by = "connect/closes_after_a_cancel/ipv6",
    .change_table = change_table,
};
