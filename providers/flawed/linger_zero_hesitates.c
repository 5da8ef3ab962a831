#include "flawed/support/call_back.h"

enum { LONGEST_MS = 1000 };

/* What is unsent gets one more second. */
static int WSPAPI close_after_a_second(SOCKET s, LPINT error)
{
    struct linger linger = linger_of(s);

    if (linger.l_onoff != 0 && linger.l_linger == 0) {
        wait_until_sent(s, LONGEST_MS);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_after_a_second;
}

const struct flaw flaw = {
    .requirement = "LINGER-02",
    .what = "WSPCloseSocket with a linger time of zero waits up to a second for unsent data",
    .caught_by = "linger/zero_closes_at_once/*",
    .change_table = change_table,
};
