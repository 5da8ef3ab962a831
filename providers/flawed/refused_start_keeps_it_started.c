#include "flawed/support/layer.h"

/* The version is looked at when everything has been done, and nothing of it is undone. */
static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    int error = layer_startup(MAKEWORD(2, 2), data, info, upcalls, table);

    return error == 0 && LOBYTE(version) < 2 ? WSAVERNOTSUPPORTED : error;
}

const struct flaw flaw = {
    .requirement = "STARTUP-03",
    .what = "a WSPStartup that is refused counts as one that is to be cleaned up",
    .caught_by = "startup/refused_start_owes_nothing/*",
    .start = start,
};
