#include "flawed/support/layer.h"

static DWORD cancelled_on;

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    bool blind = cancelled_on == GetCurrentThreadId();
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    cancelled_on = ready == SOCKET_ERROR && *error == WSAEINTR ? GetCurrentThreadId() : 0;
    if (blind && ready > 0 && read != NULL) {
        read->fd_count = 0;
        return 0;
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "SELECT-10",
    .what =
        "the first WSPSelect after a cancelled one blocks, and returns with no socket in its sets",
    .caught_by = "select/repeats_after_a_cancel/ipv* select/repeats_after_a_cancel/timed_*",
    .change_table = change_table,
};
