#include "flawed/support/readable.h"

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = to_read != NULL && to_read->fd_count > 0 ? to_read->fd_array[0] : INVALID_SOCKET;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR && timeout != NULL &&
        first != INVALID_SOCKET && is_readable(first)) {
        to_read->fd_count = 0;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "RACE-02",
    .what = "a WSPSelect with a finite timeout that is cancelled just as bytes come returns 0",
    .caught_by = "race/cancel_as_it_completes/select_timed_ipv4",
    .change_table = change_table,
};
