#include "flawed/support/layer.h"

static __thread bool blind;

static bool is_for_room(const fd_set *to_read, const fd_set *to_write)
{
    return to_read == NULL && to_write != NULL && to_write->fd_count > 0;
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    bool for_room = is_for_room(to_read, to_write);
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (for_room && blind && returned > 0) {
        blind = false;
        to_write->fd_count = 0;
        return 0;
    }
    if (for_room && returned == SOCKET_ERROR && *error == WSAEINTR) {
        blind = true;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-10",
    .what = "after a cancelled WSPSelect for room to write the next such one does not tell of any",
    .caught_by = "select/repeats_after_a_cancel/to_write_ipv4",
    .change_table = change_table,
};
