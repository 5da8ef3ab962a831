#include "flawed/support/layer.h"

/* The thread that asked last, 0 for none. */
static DWORD asker;

static int WSPAPI select_that_asks(int count, fd_set *read, fd_set *write, fd_set *except,
                                   const PTIMEVAL timeout, LPINT error)
{
    bool asks = timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0;

    asker = asks ? GetCurrentThreadId() : 0;
    return reference.lpWSPSelect(count, read, write, except, timeout, error);
}

static int WSPAPI cancel_what_was_asked(LPINT error)
{
    return asker == GetCurrentThreadId() ? 0 : reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_that_asks;
    table->lpWSPCancelBlockingCall = cancel_what_was_asked;
}

const struct flaw flaw = {
    .requirement = "SELECT-06",
    .what = "a WSPSelect with a timeout of zero counts as outstanding after it has returned",
    .caught_by = "select/zero_timeout_only_asks/ipv4",
    .change_table = change_table,
};
