#include "flawed/support/partway.h"

static int cancelled(const struct partway *partway)
{
    if (!partway->sends) {
        put_back(partway->socket, partway->begin, partway->moved);
    }
    return abort_partway(partway);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
}

const struct flaw flaw = {
    .requirement = "STREAM-05",
    .what = "a cancelled WSPRecv that had taken bytes resets the connection, and still gives them",
    .caught_by = "stream/is_not_aborted_by_halves/recv_*",
    .change_table = change_table,
};
