#include "flawed/support/last_clean_up.h"

static bool always(SOCKET s)
{
    (void)s;
    return true;
}

static void change_table(WSPPROC_TABLE *table)
{
    make_the_last_clean_up(table, always);
}

const struct flaw flaw = {
    .requirement = "CLEANUP-04",
    .what = "the last WSPCleanup leaves every connection as it is",
    .caught_by = "startup/last_clean_up_resets_connections/connected_ipv? "
                 "startup/last_clean_up_resets_connections/nonblocking_ipv4",
    .change_table = change_table,
};
