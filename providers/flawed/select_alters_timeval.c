#include "flawed/support/layer.h"

/* The time that is left, as some other systems say it. */
static int WSPAPI select_and_tell_time(int count, fd_set *read, fd_set *write, fd_set *except,
                                       const PTIMEVAL timeout, LPINT error)
{
    ULONGLONG started = GetTickCount64();
    int ready = reference.lpWSPSelect(count, read, write, except, timeout, error);

    if (timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0)) {
        timeout->tv_sec -= (long)((GetTickCount64() - started) / 1000);
    }
    return ready;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_tell_time;
}

const struct flaw flaw = {
    .requirement = "SELECT-05",
    .what = "WSPSelect writes the time that was left into the client's timeout",
    .caught_by = "select/timeval_is_left_alone/*",
    .change_table = change_table,
};
