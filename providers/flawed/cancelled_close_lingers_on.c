#include "flawed/support/call_back.h"

/* Whoever wants the data to arrive does not really want to cancel. */
static int WSPAPI close_for_good(SOCKET s, LPINT error)
{
    struct linger linger = linger_of(s);
    int returned = reference.lpWSPCloseSocket(s, error);

    if (returned != 0 && *error == WSAEINTR) {
        wait_until_sent(s, linger.l_linger * 1000UL);
        return reference.lpWSPCloseSocket(s, error);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_for_good;
}

const struct flaw flaw = {
    .requirement = "CLOSE-06",
    .what = "a lingering WSPCloseSocket that is cancelled waits on",
    .caught_by = "close/lingering_one_can_be_cancelled/*",
    .change_table = change_table,
};
