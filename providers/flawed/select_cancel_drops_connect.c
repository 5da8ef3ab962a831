#include "flawed/support/layer.h"

/* Gives up the connect that the client waits for, and tells by resetting it when it is used. */
static SOCKET dropped = INVALID_SOCKET;

static int WSPAPI select_and_drop(int count, fd_set *read, fd_set *write, fd_set *except,
                                  const PTIMEVAL timeout, LPINT error)
{
    int ready;

    if (write != NULL && write->fd_count > 0 && write->fd_array[0] == dropped) {
        if (except != NULL) {
            except->fd_count = 1;
        }
        write->fd_count = 0;
        return 1;
    }
    ready = reference.lpWSPSelect(count, read, write, except, timeout, error);
    if (ready == SOCKET_ERROR && *error == WSAEINTR && write != NULL && write->fd_count > 0) {
        dropped = write->fd_array[0];
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_drop;
}

const struct flaw flaw = {
    .requirement = "SELECT-02",
    .what = "a cancelled WSPSelect gives up the connect that it waited for",
    .caught_by = "select/pending_connect_completes/*",
    .change_table = change_table,
};
