#include "flawed/support/layer.h"

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    LPWSPGETQOSBYNAME before = table->lpWSPGetQOSByName;
    int error = layer_startup(version, data, info, upcalls, table);

    table->lpWSPGetQOSByName = before;
    return error;
}

const struct flaw flaw = {
    .requirement = "STARTUP-04",
    .what = "one entry of the proc table is left as it was",
    .caught_by = "startup/fills_the_proc_table",
    .start = start,
};
