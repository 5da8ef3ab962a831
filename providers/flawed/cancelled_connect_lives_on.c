#include "flawed/support/layer.h"

/* A transport that nobody told of the cancel, and nobody will tell of the close. */
static void go_on(const struct sockaddr *name, int length)
{
    SOCKET left = WSASocketW(name->sa_family, SOCK_STREAM, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    u_long on = 1;

    ioctlsocket(left, (long)FIONBIO, &on);
    connect(left, name, length);
}

static int WSPAPI connect_once(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                               LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        go_on(name, length);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_once;
}

const struct flaw flaw = {
    .requirement = "CONNECT-06",
    .what = "the transport goes on with a cancelled WSPConnect, and the connection stays, closed "
            "socket or not",
    .caught_by = "connect/late_connection_is_ended/ipv4 connect/late_connection_is_ended/ipv6",
    .change_table = change_table,
};
