#include "flawed/support/layer.h"

#include "reference/sockets.h"

/* Takes no chances with the sockets of a cancelled call, whatever the call. */
static int WSPAPI select_and_abort(int count, fd_set *read, fd_set *write, fd_set *except,
                                   const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    for (u_int i = 0;
         ready == SOCKET_ERROR && *error == WSAEINTR && read != NULL && i < read->fd_count; i++) {
        struct socket *socket;
        if (sockets_acquire(read->fd_array[i], &socket) == 0) {
            sockets_abort(socket);
            sockets_release(socket);
        }
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_abort;
}

const struct flaw flaw = {
    .requirement = "STREAM-08",
    .what = "a cancelled WSPSelect aborts the connections of its sockets",
    .caught_by = "stream/is_unharmed_by_select_and_accept/select_*",
    .change_table = change_table,
};
