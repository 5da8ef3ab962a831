#include "flawed/support/layer.h"

static unsigned too_many;

static int WSPAPI clean_up(LPINT error)
{
    int returned = reference.lpWSPCleanup(error);

    too_many += returned == SOCKET_ERROR;
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    int ignored;

    if (too_many > 0) {
        too_many--;
        reference.lpWSPCleanup(&ignored);
    }
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "STARTUP-08",
    .what = "a WSPCleanup too many is counted, and makes the next WSPStartup count for nothing",
    .caught_by = "startup/clean_up_needs_a_start/after_the_last",
    .change_table = change_table,
};
