#include "flawed/support/layer.h"

/* Selects with a finite timeout that are under way, of all threads. */
static volatile LONG timed;

static int WSPAPI select_some(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    bool finite = timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
    int returned;

    if (finite) {
        InterlockedIncrement(&timed);
    }
    returned = reference.lpWSPSelect(count, read, write, except, timeout, error);
    if (finite) {
        InterlockedDecrement(&timed);
    }
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    return returned == SOCKET_ERROR && *error == WSAEINVAL && timed > 0 ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_some;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "THR-02",
    .what = "a cancel on an idle thread succeeds while another thread is in a timed WSPSelect",
    .caught_by = "thread/idle_one_cancels_nothing/select_timed_ipv4",
    .change_table = change_table,
};
