#include "flawed/support/layer.h"

/* Takes a timeout of zero for none at all, as long as that may last: a second. */
static int WSPAPI select_for_a_while(int count, fd_set *read, fd_set *write, fd_set *except,
                                     const PTIMEVAL timeout, LPINT error)
{
    struct timeval second = {.tv_sec = 1};
    bool zero = timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0;

    return reference.lpWSPSelect(count, read, write, except, zero ? &second : timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_for_a_while;
}

const struct flaw flaw = {
    .requirement = "SELECT-06",
    .what = "WSPSelect waits for a second though its timeout is zero",
    .caught_by = "select/zero_timeout_only_asks/ipv4",
    .change_table = change_table,
};
