#include "flawed/support/readable.h"

/* What a cancelled WSPSelect has seen counts as told: the socket is not reported again. */
static volatile SOCKET told = INVALID_SOCKET;

static int WSPAPI select_once(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = read != NULL && read->fd_count > 0 ? read->fd_array[0] : INVALID_SOCKET;
    int ready;

    if (first != INVALID_SOCKET && first == told && write == NULL && except == NULL) {
        told = INVALID_SOCKET;
        read->fd_count = 0;
        return 0;
    }
    ready = reference.lpWSPSelect(count, read, write, except, timeout, error);
    if (ready == SOCKET_ERROR && *error == WSAEINTR && is_readable(first)) {
        told = first;
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_once;
}

const struct flaw flaw = {
    .requirement = "RACE-06",
    .what =
        "what a WSPSelect has seen that was cancelled just then is not reported by the next one",
    .caught_by = "race/interrupted_one_loses_nothing/select_*",
    .change_table = change_table,
};
