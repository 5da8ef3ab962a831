#include "flawed/support/call_back.h"

static bool only_asks(const struct timeval *timeout)
{
    return timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0;
}

/* Room may come at any moment, so the client is asked first whether it wants to wait. */
static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    bool for_room = to_read == NULL && to_write != NULL && to_write->fd_count > 0;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (for_room && only_asks(timeout) && returned == 0) {
        call_back_once();
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "SELECT-06",
    .what = "a WSPSelect with a timeout of zero that finds no room to write calls the blocking "
            "callback",
    .caught_by = "select/zero_timeout_only_asks/to_write_ipv4",
    .start = start_to_call_back,
    .change_table = change_table,
};
