#include "flawed/support/layer.h"

#include "reference/sockets.h"

enum { LATE_MS = 3000 };

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    struct socket *socket;
    int code = sockets_use(s, &socket);

    if (code == 0) {
        sockets_done(socket);
    } else if (code == WSAECONNABORTED) {
        Sleep(LATE_MS);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "STREAM-04",
    .what = "once a connection was aborted, WSPCloseSocket waits for a transport that has gone",
    .caught_by = "stream/aborted_one_closes/send_ipv4",
    .change_table = change_table,
};
