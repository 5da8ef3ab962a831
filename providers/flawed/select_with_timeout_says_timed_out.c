#include "flawed/support/layer.h"

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (ready == SOCKET_ERROR && *error == WSAEINTR && timeout != NULL && timeout->tv_sec > 10) {
        *error = WSAETIMEDOUT;
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "SELECT-07",
    .what = "a WSPSelect with a timeout of more than ten seconds fails with WSAETIMEDOUT when "
            "cancelled",
    .caught_by = "select/ends_with_and_without_a_timeout/long_timeout_ipv4",
    .change_table = change_table,
};
