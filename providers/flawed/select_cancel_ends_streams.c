#include "flawed/support/layer.h"

/* Treats the sockets of a cancelled select as those of any other cancelled call. */
static int WSPAPI select_and_end(int count, fd_set *read, fd_set *write, fd_set *except,
                                 const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);
    int ignored;

    if (ready == SOCKET_ERROR && *error == WSAEINTR && read != NULL) {
        for (u_int i = 0; i < read->fd_count; i++) {
            reference.lpWSPShutdown(read->fd_array[i], SD_BOTH, &ignored);
        }
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_end;
}

const struct flaw flaw = {
    .requirement = "SELECT-02",
    .what = "a cancelled WSPSelect ends the connections of the sockets it was to read from",
    .caught_by = "select/sockets_still_work/ipv* select/sockets_still_work/two_sets_ipv4",
    .change_table = change_table,
};
