#include "flawed/support/layer.h"

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    return layer_startup(version, data, info, upcalls, table) == 0 ? 0 : SOCKET_ERROR;
}

const struct flaw flaw = {
    .requirement = "STARTUP-03",
    .what = "a WSPStartup that is refused returns SOCKET_ERROR",
    .caught_by = "startup/refused_start_owes_nothing/*",
    .start = start,
};
