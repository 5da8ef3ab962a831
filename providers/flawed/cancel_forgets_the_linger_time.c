#include "flawed/support/layer.h"

/* Set by a cancel; what is set after it counts again. */
static volatile LONG forgotten;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        forgotten = 1;
    }
    return returned;
}

static int WSPAPI set_option(SOCKET s, int level, int option, const char *value, int size,
                             LPINT error)
{
    forgotten = 0;
    return reference.lpWSPSetSockOpt(s, level, option, value, size, error);
}

static int WSPAPI close_gracefully(SOCKET s, LPINT error)
{
    struct linger none = {0, 0};
    int ignored;

    if (forgotten) {
        reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&none, sizeof none,
                                  &ignored);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPSetSockOpt = set_option;
    table->lpWSPCloseSocket = close_gracefully;
}

const struct flaw flaw = {
    .requirement = "LINGER-04",
    .what = "a cancel puts SO_LINGER back to the default",
    .caught_by = "linger/zero_set_before_still_resets/recv_*"
                 " linger/zero_set_before_still_resets/select_ipv4",
    .change_table = change_table,
};
