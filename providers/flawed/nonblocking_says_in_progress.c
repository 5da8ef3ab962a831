#include "flawed/support/layer.h"

static int WSPAPI connect_as_elsewhere(SOCKET s, const struct sockaddr *name, int length,
                                       LPWSABUF caller, LPWSABUF callee, LPQOS sqos, LPQOS gqos,
                                       LPINT error)
{
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    if (returned != 0 && *error == WSAEWOULDBLOCK) {
        *error = WSAEINPROGRESS;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_as_elsewhere;
}

const struct flaw flaw = {
    .requirement = "NB-01",
    .what = "a non-blocking connect says WSAEINPROGRESS, as on other systems",
    .caught_by = "nonblocking/would_block/connect_*",
    .change_table = change_table,
};
