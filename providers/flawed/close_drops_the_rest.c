#include "flawed/support/layer.h"

static int WSPAPI close_at_once(SOCKET s, LPINT error)
{
    static const struct linger zero = {1, 0};
    int ignored;

    reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&zero, sizeof zero, &ignored);
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_at_once;
}

const struct flaw flaw = {
    .requirement = "LINGER-03",
    .what = "every close resets the connection, and what was sent may be lost",
    .caught_by = "linger/decides_how_a_connection_ends/default_*",
    .change_table = change_table,
};
