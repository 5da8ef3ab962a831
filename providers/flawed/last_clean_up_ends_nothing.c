#include "flawed/support/layer.h"

static unsigned owed;

static int WSPAPI clean_up(LPINT error)
{
    if (owed == 0) {
        *error = WSANOTINITIALISED;
        return SOCKET_ERROR;
    }
    owed--;
    return owed > 0 ? reference.lpWSPCleanup(error) : 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    owed++;
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "STARTUP-08",
    .what = "sockets can be made after the last WSPCleanup, too",
    .caught_by = "startup/calls_are_counted/recv_ipv4",
    .change_table = change_table,
};
