#include "flawed/support/kept.h"

/* The sockets to read are looked up for the wait, and let go only when it ends by itself. */
static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    SOCKET waited_for =
        to_read != NULL && to_read->fd_count > 0 ? to_read->fd_array[0] : INVALID_SOCKET;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && waited_for != INVALID_SOCKET) {
        keep_connection(waited_for);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "PCS-06",
    .what = "a cancelled WSPSelect holds on to its first socket, whose close then tells the peer "
            "nothing",
    .caught_by = "close/peer_sees_the_end/select_*",
    .change_table = change_table,
};
