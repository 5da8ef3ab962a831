#include "flawed/support/layer.h"

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    u_int all = read != NULL ? read->fd_count : 0;
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    return ready == SOCKET_ERROR && *error == WSAEINTR && all > FD_SETSIZE ? (int)all : ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "SELECT-08",
    .what = "a WSPSelect over more than 64 sockets says when cancelled that all of them are ready",
    .caught_by = "select/sets_of_any_size/65_* select/sets_of_any_size/200_*",
    .change_table = change_table,
};
