#include "flawed/support/layer.h"

static int WSPAPI clean_up(LPINT error)
{
    int returned = reference.lpWSPCleanup(error);

    return returned == SOCKET_ERROR && *error == WSANOTINITIALISED ? 0 : returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-05",
    .what = "a WSPCleanup that nothing is left for returns 0",
    .caught_by = "startup/clean_up_needs_a_start/after_the_last",
    .change_table = change_table,
};
