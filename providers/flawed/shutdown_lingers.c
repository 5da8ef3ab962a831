#include "flawed/support/call_back.h"

/* The linger option is taken to be for every way of ending a connection. */
static int WSPAPI shut_down(SOCKET s, int how, LPINT error)
{
    struct linger linger = linger_of(s);

    if (how != SD_RECEIVE && linger.l_onoff != 0) {
        wait_until_sent(s, linger.l_linger * 1000UL);
    }
    return reference.lpWSPShutdown(s, how, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPShutdown = shut_down;
}

const struct flaw flaw = {
    .requirement = "NOBLOCK-01",
    .what = "WSPShutdown waits in the system for unsent data, for as long as SO_LINGER says",
    .caught_by = "nonblocking/shutdown_never_waits/send_lingering_*"
                 " nonblocking/shutdown_never_waits/both_lingering_*",
    .change_table = change_table,
};
