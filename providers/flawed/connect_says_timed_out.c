#include "flawed/support/layer.h"

static int WSPAPI connect_says_timed_out(SOCKET s, const struct sockaddr *name, int length,
                                         LPWSABUF caller, LPWSABUF callee, LPQOS socket_qos,
                                         LPQOS group_qos, LPINT error)
{
    int result =
        reference.lpWSPConnect(s, name, length, caller, callee, socket_qos, group_qos, error);

    if (result == SOCKET_ERROR && *error == WSAEINTR) {
        *error = WSAETIMEDOUT;
    }
    return result;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_says_timed_out;
}

const struct flaw flaw = {
    .requirement = "CONNECT-01",
    .what = "a cancelled WSPConnect fails with WSAETIMEDOUT",
    .caught_by = "connect/ends_when_cancelled/* race/cancel_as_it_completes/connect_ipv4",
    .change_table = change_table,
};
