#include "flawed/support/layer.h"

static SOCKET cancelled_on = INVALID_SOCKET;

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    SOCKET first = to_read != NULL && to_read->fd_count > 0 ? to_read->fd_array[0] : INVALID_SOCKET;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        cancelled_on = first;
    }
    return returned;
}

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    if (s == cancelled_on && level == SOL_SOCKET && option == SO_LINGER) {
        return 0;
    }
    return reference.lpWSPSetSockOpt(s, level, option, value, size, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
    table->lpWSPSetSockOpt = set_option;
}

const struct flaw flaw = {
    .requirement = "LINGER-01",
    .what = "after a cancelled WSPSelect, SO_LINGER is taken and has no effect on its first socket",
    .caught_by = "linger/resets_after_a_cancel/select_ipv4",
    .change_table = change_table,
};
