#include "flawed/support/layer.h"

static DWORD cancelled_on;

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    int ready;

    if (cancelled_on == GetCurrentThreadId()) {
        cancelled_on = 0;
        return 0;
    }
    ready = reference.lpWSPSelect(count, read, write, except, timeout, error);
    if (ready == SOCKET_ERROR && *error == WSAEINTR) {
        cancelled_on = GetCurrentThreadId();
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "SELECT-10",
    .what = "the first WSPSelect after a cancelled one returns 0 at once",
    .caught_by = "select/repeats_after_a_cancel/ipv4",
    .change_table = change_table,
};
