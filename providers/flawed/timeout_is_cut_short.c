#include "flawed/support/layer.h"

enum { SHORT_US = 50000 };

/* Milliseconds taken for microseconds, or the like. */
static int WSPAPI select_shortly(int count, fd_set *read, fd_set *write, fd_set *except,
                                 const PTIMEVAL timeout, LPINT error)
{
    struct timeval cut = {0, SHORT_US};
    bool long_enough = timeout != NULL && (timeout->tv_sec > 0 || timeout->tv_usec > 2 * SHORT_US);

    return reference.lpWSPSelect(count, read, write, except, long_enough ? &cut : timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_shortly;
}

const struct flaw flaw = {
    .requirement = "SELECT-12",
    .what = "WSPSelect returns 0 long before its time is up",
    .caught_by = "select/timeout_runs_on_under_callbacks/*",
    .change_table = change_table,
};
