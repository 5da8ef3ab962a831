#include "flawed/support/layer.h"

enum { LATE_MS = 300 };

static int WSPAPI connect_once(SOCKET s, const struct sockaddr *name, int length, LPWSABUF caller,
                               LPWSABUF callee, LPQOS sqos, LPQOS gqos, LPINT error)
{
    ULONGLONG began = GetTickCount64();
    int returned = reference.lpWSPConnect(s, name, length, caller, callee, sqos, gqos, error);

    return returned == SOCKET_ERROR && *error == WSAEINTR && GetTickCount64() - began > LATE_MS
               ? 0
               : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_once;
}

const struct flaw flaw = {
    .requirement = "CONNECT-10",
    .what = "a connect that is cancelled late returns 0, but has reset its connection",
    .caught_by = "connect/comes_through_in_the_callback/ipv4",
    .change_table = change_table,
};
