#include "flawed/support/partway.h"

static int cancelled(const struct partway *partway)
{
    return partway->sends ? WSAEINTR : abort_partway(partway);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
}

const struct flaw flaw = {
    .requirement = "SEND-02",
    .what = "a cancelled WSPSend of which a part has gone out leaves the connection as it is",
    .caught_by = "send/cancelled_partway/peer_reads_ipv4"
                 " stream/stays_whole_or_is_aborted/send_ipv4_often",
    .change_table = change_table,
};
