#include "flawed/support/call_back.h"
#include "flawed/support/nonblocking.h"

/* To linger is what the client asked for, whatever the mode of the socket. */
static int WSPAPI close_in_time(SOCKET s, LPINT error)
{
    struct linger linger = linger_of(s);

    if (linger.l_onoff != 0 && is_nonblocking(s)) {
        wait_until_sent(s, linger.l_linger * 1000UL);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    watch_nonblocking(table);
    table->lpWSPCloseSocket = close_in_time;
}

const struct flaw flaw = {
    .requirement = "CLOSE-05",
    .what = "a non-blocking socket lingers in the system, as a blocking one",
    .caught_by = "close/would_block_with_unsent_data/ioctl_*",
    .change_table = change_table,
};
