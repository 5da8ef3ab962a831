#include "flawed/support/layer.h"

#include "reference/sockets.h"

/* The mode stays what FIONBIO made it. */
static int WSPAPI watch(SOCKET s, WSAEVENT event, long events, LPINT error)
{
    bool nonblocking = false;
    struct socket *socket;
    int returned;

    if (sockets_acquire(s, &socket) != 0) {
        return reference.lpWSPEventSelect(s, event, events, error);
    }
    nonblocking = socket->traits.nonblocking;
    returned = reference.lpWSPEventSelect(s, event, events, error);
    socket->traits.nonblocking = nonblocking;
    sockets_release(socket);
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPEventSelect = watch;
}

const struct flaw flaw = {
    .requirement = "BHK-08",
    .what = "a socket that WSPEventSelect made non-blocking blocks, and calls the blocking "
            "callback, all the same",
    .caught_by = "callback/is_not_called_on_nonblocking_sockets/by_event_select_ipv4",
    .change_table = change_table,
};
