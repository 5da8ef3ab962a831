#include "flawed/support/layer.h"

static int WSPAPI select_and_grow(int count, fd_set *read, fd_set *write, fd_set *except,
                                  const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (ready == SOCKET_ERROR && *error == WSAEINTR && write != NULL) {
        write->fd_count++;
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_grow;
}

const struct flaw flaw = {
    .requirement = "SELECT-04",
    .what = "a cancelled WSPSelect leaves a set that counts more sockets than it was given",
    .caught_by = "select/sets_stay_in_bounds/*",
    .change_table = change_table,
};
