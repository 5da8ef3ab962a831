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

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    if (cancelled && level == SOL_SOCKET && option == SO_LINGER) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPSetSockOpt(s, level, option, value, size, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPSetSockOpt = set_option;
}

const struct flaw flaw = {
    .requirement = "LINGER-01",
    .what = "after a cancelled call, SO_LINGER is refused, and the close is graceful",
    .caught_by = "linger/resets_after_a_cancel/recv_ipv4",
    .change_table = change_table,
};
