#include "flawed/support/partway.h"
#include "variants/support/variant.h"

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = abort_partway, .only_looks = true});
}

const struct variant variant = {
    .requirement = "RECV-04",
    .why_allowed = "a WSPRecv that takes nothing until all of it is there leaves the stream whole "
                   "when it is cancelled (S21)",
    .touches = "recv/cancelled_partway/* stream/*/recv_ipv4",
    .change_table = change_table,
};
