#include "flawed/support/layer.h"

static int WSPAPI close_once(SOCKET s, LPINT error)
{
    int returned = reference.lpWSPCloseSocket(s, error);

    if (returned != 0 && *error == WSAEINTR) {
        *error = WSAEWOULDBLOCK;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_once;
}

const struct flaw flaw = {
    .requirement = "CLOSE-06",
    .what = "a lingering WSPCloseSocket that is cancelled fails with WSAEWOULDBLOCK",
    .caught_by = "close/lingering_one_can_be_cancelled/*",
    .change_table = change_table,
};
