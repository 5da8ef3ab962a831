#include "flawed/support/made.h"

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = to_read != NULL && to_read->fd_count > 0 ? to_read->fd_array[0] : INVALID_SOCKET;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        end_connections_but(first);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    note_connections(table);
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "PCS-05",
    .what = "a cancelled WSPSelect ends the connections that are not in its set",
    .caught_by = "cancel/spares_all_other_sockets/select_ipv4",
    .change_table = change_table,
};
