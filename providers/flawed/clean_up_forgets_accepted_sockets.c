#include "flawed/support/last_clean_up.h"

static void change_table(WSPPROC_TABLE *table)
{
    make_the_last_clean_up(table, is_accepted);
}

const struct flaw flaw = {
    .requirement = "CLEANUP-04",
    .what = "the last WSPCleanup leaves connections open that WSPAccept took",
    .caught_by = "startup/last_clean_up_resets_connections/accepted_*",
    .change_table = change_table,
};
