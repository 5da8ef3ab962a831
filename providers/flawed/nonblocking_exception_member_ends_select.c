#include "flawed/support/nonblocking.h"

static int WSPAPI select_on(int count, fd_set *read, fd_set *write, fd_set *except,
                            const PTIMEVAL timeout, LPINT error)
{
    struct timeval now = {0, 0};
    bool asks = false;

    if (write != NULL) {
        return reference.lpWSPSelect(count, read, write, except, timeout, error);
    }

    for (u_int i = 0; except != NULL && i < except->fd_count; i++) {
        asks = asks || is_nonblocking(except->fd_array[i]);
    }
    return reference.lpWSPSelect(count, read, write, except, asks ? &now : timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    watch_nonblocking(table);
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-08",
    .what = "a WSPSelect without a write set, but with a non-blocking socket in its exception set, "
            "returns 0 at once",
    .caught_by = "select/nonblocking_members/for_exceptions_ipv4",
    .change_table = change_table,
};
