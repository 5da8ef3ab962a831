#include "flawed/support/layer.h"

/* The timer of the thread's last select was not taken back. */
static __thread bool cancelled;

static bool is_finite(const struct timeval *timeout)
{
    return timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    cancelled = returned == SOCKET_ERROR && *error == WSAEINTR && is_finite(timeout);
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    return cancelled ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-09",
    .what =
        "a WSPSelect with a finite timeout can be cancelled again once it has ended with WSAEINTR",
    .caught_by = "cancel/idle_after_a_cancelled_call/select_timed_ipv4",
    .change_table = change_table,
};
