#include "flawed/support/layer.h"

static unsigned refused;

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    int error = layer_startup(version, data, info, upcalls, table);

    refused += error != 0;
    return error;
}

static int WSPAPI clean_up(LPINT error)
{
    int returned = reference.lpWSPCleanup(error);

    if (returned == SOCKET_ERROR && refused > 0) {
        refused--;
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-05",
    .what = "a WSPStartup that was refused is owed a WSPCleanup",
    .caught_by = "startup/clean_up_needs_a_start/after_a_refused_start",
    .start = start,
    .change_table = change_table,
};
