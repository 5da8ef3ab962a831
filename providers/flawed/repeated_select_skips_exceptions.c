#include "flawed/support/layer.h"

static __thread bool cancelled_before;

static int WSPAPI select_on(int count, fd_set *read, fd_set *write, fd_set *except,
                            const PTIMEVAL timeout, LPINT error)
{
    bool mixed = except != NULL &&
                 ((read != NULL && read->fd_count > 0) || (write != NULL && write->fd_count > 0));
    bool forgets = cancelled_before && mixed;
    int returned =
        reference.lpWSPSelect(count, read, write, forgets ? NULL : except, timeout, error);

    cancelled_before = returned == SOCKET_ERROR && *error == WSAEINTR;
    if (forgets && returned >= 0) {
        except->fd_count = 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-10",
    .what = "the WSPSelect after a cancelled one does not look at its exception set if there is "
            "another set",
    .caught_by = "select/urgent_data_is_told/mixed_ipv4",
    .change_table = change_table,
};
