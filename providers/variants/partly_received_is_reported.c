#include "flawed/support/partway.h"
#include "variants/support/variant.h"

static int cancelled(const struct partway *partway)
{
    return partway->sends ? abort_partway(partway) : 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
}

const struct variant variant = {
    .requirement = "RECV-04",
    .why_allowed = "bytes that a cancelled WSPRecv has taken are not lost if it returns them, so "
                   "that the stream is not damaged (S21)",
    .touches = "recv/cancelled_partway/* stream/*/recv_ipv4",
    .change_table = change_table,
};
