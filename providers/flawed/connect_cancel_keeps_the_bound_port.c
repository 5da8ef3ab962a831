#include "flawed/support/layer.h"

#include <ws2tcpip.h>

/* The attempt is given up, but the endpoint that was made for the client's own port is not. */
static void keep_endpoint(const SOCKADDR_STORAGE *local, int length)
{
    SOCKET kept = socket(local->ss_family, SOCK_STREAM, IPPROTO_TCP);

    if (kept != INVALID_SOCKET) {
        bind(kept, (const struct sockaddr *)local, length);
    }
}

static int WSPAPI connect_keeps(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                                LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    SOCKADDR_STORAGE local;
    int local_length = sizeof local;
    int ignored;
    bool bound =
        reference.lpWSPGetSockName(s, (struct sockaddr *)&local, &local_length, &ignored) == 0 &&
        SS_PORT(&local) != 0;
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned != 0 && *error == WSAEINTR && bound) {
        keep_endpoint(&local, local_length);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_keeps;
}

const struct flaw flaw = {
    .requirement = "CONNECT-07",
    .what = "the port of a bound socket is not free again after its WSPConnect was cancelled",
    .caught_by = "connect/local_port_is_free_again/*",
    .change_table = change_table,
};
