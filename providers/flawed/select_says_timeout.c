#include "flawed/support/layer.h"

static int WSPAPI select_in_time(int count, fd_set *read, fd_set *write, fd_set *except,
                                 const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    return ready == SOCKET_ERROR && *error == WSAEINTR ? 0 : ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_in_time;
}

const struct flaw flaw = {
    .requirement = "SELECT-01",
    .what = "a cancelled WSPSelect returns 0, as if its time were up",
    .caught_by = "cancel/ends_the_blocked_call/select_* select/cancelled_one_is_no_timeout/*",
    .change_table = change_table,
};
