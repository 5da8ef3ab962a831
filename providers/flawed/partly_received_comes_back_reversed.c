#include "flawed/support/partway.h"

/* Byte by byte, on top of what is there already. */
static int cancelled(const struct partway *partway)
{
    char reversed[256];

    if (partway->sends || partway->moved > sizeof reversed) {
        return abort_partway(partway);
    }
    for (DWORD i = 0; i < partway->moved; i++) {
        reversed[i] = partway->begin[partway->moved - 1 - i];
    }
    put_back(partway->socket, reversed, partway->moved);
    return WSAEINTR;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_partway(table, (struct partway_calls){.cancelled = cancelled});
}

const struct flaw flaw = {
    .requirement = "RECV-04",
    .what = "a cancelled WSPRecv puts back what had come, the last byte first",
    .caught_by = "recv/cancelled_partway/ipv*",
    .change_table = change_table,
};
