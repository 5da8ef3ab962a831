#include "flawed/support/layer.h"

static volatile LONG cancelled;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        cancelled = 1;
    }
    return returned;
}

static int WSPAPI close_at_the_second_try(SOCKET s, LPINT error)
{
    if (InterlockedExchange(&cancelled, 0)) {
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPCloseSocket = close_at_the_second_try;
}

const struct flaw flaw = {
    .requirement = "PCS-02",
    .what = "the first close after a cancelled call fails with WSAEINPROGRESS",
    .caught_by = "close/works_after_a_cancel/*",
    .change_table = change_table,
};
