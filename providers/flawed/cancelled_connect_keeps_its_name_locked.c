#include "flawed/support/layer.h"

static volatile SOCKET cancelled = INVALID_SOCKET;

static int WSPAPI connect_and_note(SOCKET s, const struct sockaddr *name, int length,
                                   LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                   LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned != 0 && *error == WSAEINTR) {
        cancelled = s;
    }
    return returned;
}

static volatile bool asked;

static int WSPAPI get_name(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    asked = asked || s == cancelled;
    return reference.lpWSPGetSockName(s, name, length, error);
}

/* Whoever has asked for the name while the connect is still under way is kept in its books. */
static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    if (asked && s == cancelled) {
        cancelled = INVALID_SOCKET;
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_and_note;
    table->lpWSPGetSockName = get_name;
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "CONNECT-13",
    .what = "a socket whose name was asked for after a cancelled WSPConnect cannot be closed",
    .caught_by = "connect/bound_name_is_answered/*",
    .change_table = change_table,
};
