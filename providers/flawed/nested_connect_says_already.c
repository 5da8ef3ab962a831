#include "flawed/support/nested.h"

static int WSPAPI connect_once(SOCKET s, const struct sockaddr *name, int length, LPWSABUF in,
                               LPWSABUF out, LPQOS sqos, LPQOS gqos, LPINT error)
{
    if (is_in_callback()) {
        *error = WSAEALREADY;
        return SOCKET_ERROR;
    }
    return reference.lpWSPConnect(s, name, length, in, out, sqos, gqos, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPConnect = connect_once;
}

const struct flaw flaw = {
    .requirement = "CONNECT-12",
    .what = "WSPConnect in the blocking callback fails with WSAEALREADY",
    .caught_by = "nested/connect_in_the_callback/*",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
