#include "flawed/support/layer.h"

static unsigned owed;

static int WSPAPI clean_up(LPINT error)
{
    int ignored;

    if (owed == 0) {
        return reference.lpWSPCleanup(error);
    }
    owed--;
    while (reference.lpWSPCleanup(&ignored) == 0) {
    }
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    owed++;
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "STARTUP-08",
    .what = "the first WSPCleanup ends everything, however often the provider was started",
    .caught_by = "startup/calls_are_counted/*"
                 " startup/first_clean_up_spares_blocked_calls/accept_*"
                 " startup/first_clean_up_spares_blocked_calls/recv_*",
    .change_table = change_table,
};
