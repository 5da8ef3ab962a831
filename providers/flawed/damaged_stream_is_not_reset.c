#include "flawed/support/partway.h"

#include "reference/sockets.h"

/* The native socket stays open until the client closes its own. */
static int cancelled(const struct partway *partway)
{
    struct socket *socket;

    if (sockets_use(partway->socket, &socket) == 0) {
        socket->state = SOCKET_ABORTED;
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
    .what = "of a stream that a cancel has damaged only the client is told; its peer is not",
    .caught_by = "stream/damaged_one_is_reset/recv_*",
    .change_table = change_table,
};
