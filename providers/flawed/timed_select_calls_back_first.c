#include "flawed/support/call_back.h"

static bool is_finite(const struct timeval *timeout)
{
    return timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    if (is_finite(timeout)) {
        call_back_once();
    }
    return reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "BHK-07",
    .what = "a WSPSelect with a finite timeout calls the blocking callback before it looks at its "
            "sockets",
    .caught_by = "callback/is_not_called_when_ready/select_timed_ipv4",
    .start = start_to_call_back,
    .change_table = change_table,
};
