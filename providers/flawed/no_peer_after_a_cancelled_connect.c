#include "flawed/support/layer.h"

enum { WHILE_MS = 1000 };

static volatile LONG64 cancelled_at;

static int WSPAPI connect_once(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                               LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    int returned;

    if (cancelled_at != 0 && (LONG64)GetTickCount64() - cancelled_at < WHILE_MS) {
        *error = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        cancelled_at = (LONG64)GetTickCount64();
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_once;
}

const struct flaw flaw = {
    .requirement = "CONNECT-09",
    .what = "after a cancelled WSPConnect no peer is connected to for a while",
    .caught_by = "connect/another_peer_is_reached/*",
    .change_table = change_table,
};
