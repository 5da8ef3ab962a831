#include "flawed/support/readable.h"

/* A WSPSelect that was cancelled while its first socket became readable keeps both to itself. */
static int WSPAPI select_undecided(int count, fd_set *read, fd_set *write, fd_set *except,
                                   const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = read != NULL && read->fd_count > 0 ? read->fd_array[0] : INVALID_SOCKET;
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (ready == SOCKET_ERROR && *error == WSAEINTR && first != INVALID_SOCKET &&
        is_readable(first)) {
        read->fd_count = 0;
        return 0;
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_undecided;
}

const struct flaw flaw = {
    .requirement = "RACE-02",
    .what = "a WSPSelect that is cancelled just as its socket becomes readable says: timed out",
    .caught_by = "race/cancel_as_it_completes/select_*",
    .change_table = change_table,
};
