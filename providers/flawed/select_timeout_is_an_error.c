#include "flawed/support/layer.h"

static int WSPAPI select_in_time(int count, fd_set *read, fd_set *write, fd_set *except,
                                 const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (ready == 0) {
        *error = WSAETIMEDOUT;
        return SOCKET_ERROR;
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_in_time;
}

const struct flaw flaw = {
    .requirement = "SELECT-06",
    .what = "a WSPSelect whose time is up fails with WSAETIMEDOUT",
    .caught_by = "select/zero_timeout_only_asks/*",
    .change_table = change_table,
};
