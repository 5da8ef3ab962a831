#include "flawed/support/layer.h"

#include "reference/sockets.h"

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    struct socket *socket;
    int code = sockets_use(s, &socket);

    if (code == 0) {
        sockets_done(socket);
    } else if (code == WSAECONNABORTED) {
        *error = code;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "STREAM-04",
    .what = "once a connection was aborted, WSPCloseSocket too fails with WSAECONNABORTED",
    .caught_by = "stream/aborted_one_closes/*",
    .change_table = change_table,
};
