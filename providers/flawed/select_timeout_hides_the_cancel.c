#include "flawed/support/layer.h"

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    return ready == SOCKET_ERROR && *error == WSAEINTR && timeout != NULL ? 0 : ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "SELECT-07",
    .what = "a WSPSelect with a timeout that is cancelled says that its time is up",
    .caught_by = "select/ends_with_and_without_a_timeout/long_timeout_*",
    .change_table = change_table,
};
