#include "flawed/support/opened.h"

static void change_table(WSPPROC_TABLE *table)
{
    open_threads_and_keep_at(table, WSAETIMEDOUT);
}

const struct flaw flaw = {
    .requirement = "UPC-04",
    .what = "each blocking call opens its thread, and one that times out does not close it",
    .caught_by = "upcall/threads_are_closed/timed_out_recv_ipv4",
    .change_table = change_table,
};
