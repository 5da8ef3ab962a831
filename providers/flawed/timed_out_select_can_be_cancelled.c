#include "flawed/support/layer.h"

/* The thread's last select found nothing in its time. */
static __thread bool timed_out;

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    bool waits = timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    timed_out = waits && returned == 0;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return timed_out ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-08",
    .what = "a WSPSelect whose time ran out can still be cancelled once it has returned",
    .caught_by = "cancel/idle_after_completion/select_times_out_ipv4",
    .change_table = change_table,
};
