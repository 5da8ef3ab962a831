#include "flawed/support/partway.h"

#include "reference/sockets.h"

/* As the reference provider, but for the reset. */
static int cancelled(const struct partway *partway)
{
    struct socket *socket;

    if (sockets_use(partway->socket, &socket) == 0) {
        socket->state = SOCKET_ABORTED;
        closesocket(socket->native);
        socket->native = INVALID_SOCKET;
        sockets_done(socket);
    }
    return WSAEINTR;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
}

const struct flaw flaw = {
    .requirement = "STREAM-02",
    .what = "a stream that a cancel has damaged is closed, and its peer sees a graceful end",
    .caught_by = "stream/damaged_one_is_reset/send_*",
    .change_table = change_table,
};
