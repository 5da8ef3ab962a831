#include "flawed/support/partway.h"

static int cancelled(const struct partway *partway)
{
    return partway->sends ? 0 : abort_partway(partway);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
}

const struct flaw flaw = {
    .requirement = "SEND-02",
    .what = "a cancelled WSPSend succeeds with a part of its buffer, as a nonblocking one would",
    .caught_by = "send/cancelled_partway/peer_reads_*",
    .change_table = change_table,
};
