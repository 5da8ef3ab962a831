#include "flawed/support/layer.h"

#include "reference/network.h"

/* The bad news is kept where the thread's calls are kept. */
static __thread bool was_down;

static int WSPAPI cancel(LPINT error)
{
    was_down = was_down || network_is_down();
    if (was_down) {
        *error = WSAENETDOWN;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "NETDOWN-01",
    .what = "a thread whose cancel has found the network down is told so ever after",
    .caught_by = "cancel/while_the_network_is_down",
    .change_table = change_table,
};
