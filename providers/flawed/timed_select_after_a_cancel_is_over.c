#include "flawed/support/layer.h"

/* The thread's timer, which a cancel sets off and nobody winds up again. */
static __thread bool set_off;

static bool is_finite(const struct timeval *timeout)
{
    return timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
}

static void empty(fd_set *set)
{
    if (set != NULL) {
        set->fd_count = 0;
    }
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    int returned;

    if (set_off && is_finite(timeout)) {
        set_off = false;
        empty(to_read);
        empty(to_write);
        empty(to_except);
        return 0;
    }
    returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        set_off = is_finite(timeout);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-10",
    .what = "after a cancelled WSPSelect with a finite timeout the next such one returns 0 at once",
    .caught_by = "select/repeats_after_a_cancel/timed_ipv4",
    .change_table = change_table,
};
