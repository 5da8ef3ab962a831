#include "flawed/support/layer.h"

#include <string.h>

/* Forgets that the client's sets may have been made for fewer sockets than its own. */
static void clear(fd_set *set)
{
    if (set != NULL) {
        memset(set, 0, sizeof *set);
    }
}

static int WSPAPI select_and_clear(int count, fd_set *read, fd_set *write, fd_set *except,
                                   const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (ready == SOCKET_ERROR && *error == WSAEINTR) {
        clear(read);
        clear(write);
        clear(except);
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_clear;
}

const struct flaw flaw = {
    .requirement = "SELECT-04",
    .what = "a cancelled WSPSelect clears 64 places in each set, however many there are",
    .caught_by = "select/sets_stay_in_bounds/ipv4",
    .change_table = change_table,
};
