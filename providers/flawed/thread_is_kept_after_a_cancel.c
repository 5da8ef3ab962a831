#include "flawed/support/opened.h"

static void change_table(WSPPROC_TABLE *table)
{
    open_threads_and_keep_at(table, WSAEINTR);
}

const struct flaw flaw = {
    .requirement = "UPC-04",
    .what = "each blocking call opens its thread, and a cancelled one does not close it",
    .caught_by = "upcall/threads_are_closed/cancelled_*",
    .change_table = change_table,
};
