#include "flawed/support/layer.h"

#include <string.h>

static struct sockaddr_storage lost;
static int lost_length;

static int WSPAPI connect_once(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                               LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    int returned;

    if (lost_length == length && memcmp(&lost, name, (size_t)length) == 0) {
        *error = WSAEADDRINUSE;
        return SOCKET_ERROR;
    }
    returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);
    if (returned == SOCKET_ERROR && *error == WSAEINTR && (size_t)length <= sizeof lost) {
        memcpy(&lost, name, (size_t)length);
        lost_length = length;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_once;
}

const struct flaw flaw = {
    .requirement = "CONNECT-09",
    .what = "after a cancelled WSPConnect the same peer is never connected to again",
    .caught_by = "connect/same_peer_is_reached_again/ipv4 connect/same_peer_is_reached_again/ipv6",
    .change_table = change_table,
};
