#include "flawed/support/layer.h"

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    u_int all = read != NULL ? read->fd_count : 0;
    int ready;

    if (all > FD_SETSIZE) {
        read->fd_count = FD_SETSIZE;
    }
    ready = reference.lpWSPSelect(count, read, write, except, timeout, error);
    if (all > FD_SETSIZE && ready == SOCKET_ERROR) {
        read->fd_count = all;
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "SELECT-08",
    .what = "WSPSelect looks at the first 64 sockets of its read set, and forgets the others",
    .caught_by = "select/sets_of_any_size/65_ipv4",
    .change_table = change_table,
};
