#include "flawed/support/layer.h"

/* What an overlapped operation would end with. */
static int WSPAPI select_aborted(int count, fd_set *read, fd_set *write, fd_set *except,
                                 const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (ready == SOCKET_ERROR && *error == WSAEINTR) {
        *error = WSA_OPERATION_ABORTED;
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_aborted;
}

const struct flaw flaw = {
    .requirement = "SELECT-01",
    .what = "a cancelled WSPSelect fails with WSA_OPERATION_ABORTED",
    .caught_by = "select/cancelled_one_is_no_timeout/read_*"
                 " select/cancelled_one_is_no_timeout/write_ipv4"
                 " select/cancelled_one_is_no_timeout/except_ipv6",
    .change_table = change_table,
};
