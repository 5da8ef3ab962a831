#include "flawed/support/layer.h"

static int WSPAPI select_in_time(int count, fd_set *read, fd_set *write, fd_set *except,
                                 const PTIMEVAL timeout, LPINT error)
{
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    return ready == SOCKET_ERROR && *error == WSAEINTR ? 0 : ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_in_time;
}

const struct flaw flaw = {
    .requirement = "SELECT-01",
    .what = "a cancelled WSPSelect returns 0, as if its time were up",
    .caught_by = "select/cancelled_one_is_no_timeout/read_ipv4"
                 " select/cancelled_one_is_no_timeout/except_ipv4"
                 " select/cancelled_one_is_no_timeout/write_ipv6"
                 " select/ends_with_and_without_a_timeout/no_timeout_* select/sets_of_any_size/1_*"
                 " select/sets_of_any_size/64_ipv4",
    .change_table = change_table,
};
