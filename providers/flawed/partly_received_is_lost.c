#include "flawed/support/partway.h"

static int cancelled(const struct partway *partway)
{
    return partway->sends ? abort_partway(partway) : WSAEINTR;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
}

const struct flaw flaw = {
    .requirement = "RECV-04",
    .what = "a cancelled WSPRecv that waited for all of its buffer drops what had come",
    .caught_by = "recv/cancelled_partway/ipv4",
    .change_table = change_table,
};
