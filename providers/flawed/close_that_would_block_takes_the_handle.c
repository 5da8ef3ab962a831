#include "flawed/support/layer.h"

/* The handle is given up first; what is to be said about the data comes after it. */
static int WSPAPI close_first(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);
    struct linger zero = {1, 0};
    int ignored;

    if (returned != 0 && *error == WSAEWOULDBLOCK) {
        reference.lpWSPSetSockOpt(s, SOL_SOCKET, SO_LINGER, (const char *)&zero, sizeof zero,
                                  &ignored);
        reference.lpWSPCloseSocket(s, &ignored);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_first;
}

const struct flaw flaw = {
    .requirement = "CLOSE-05",
    .what = "a WSPCloseSocket that fails with WSAEWOULDBLOCK takes the handle away all the same",
    .caught_by = "close/would_block_with_unsent_data/*",
    .change_table = change_table,
};
