#include "flawed/support/layer.h"

static volatile LONG cleanups;

static void empty(fd_set *set)
{
    if (set != NULL) {
        set->fd_count = 0;
    }
}

/* Woken before its time, it sees that nothing is ready, and takes that for the end of its time. */
static int WSPAPI select_timed_out(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                   const PTIMEVAL timeout, LPINT error)
{
    LONG before = cleanups;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error != WSAEINTR && timeout != NULL && cleanups != before) {
        empty(to_read);
        empty(to_write);
        empty(to_except);
        return 0;
    }
    return returned;
}

static int WSPAPI cleanup(LPINT error)
{
    InterlockedIncrement(&cleanups);
    return reference.lpWSPCleanup(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_timed_out;
    table->lpWSPCleanup = cleanup;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-01",
    .what = "a WSPSelect with a finite timeout that the last WSPCleanup ends returns 0",
    .caught_by = "startup/last_clean_up_ends_blocked_calls/timed_select_*",
    .change_table = change_table,
};
