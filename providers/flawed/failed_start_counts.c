#include "flawed/support/layer.h"

static unsigned started;
static unsigned failed; /* counted before they were found to ask for too old a version */

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    int error = layer_startup(version, data, info, upcalls, table);

    if (error == 0) {
        started++;
    } else if (error == WSAVERNOTSUPPORTED && started > 0) {
        failed++;
    }
    return error;
}

static int WSPAPI clean_up(LPINT error)
{
    int returned;

    if (failed > 0 && started == 1) {
        failed--;
        return 0;
    }
    returned = reference.lpWSPCleanup(error);
    if (returned == 0) {
        started--;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "STARTUP-03",
    .what = "a WSPStartup that fails for its version while the provider is started demands one "
            "more WSPCleanup",
    .caught_by = "startup/refused_start_owes_nothing/after_a_start",
    .change_table = change_table,
    .start = start,
};
