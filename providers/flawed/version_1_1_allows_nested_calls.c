#include "flawed/support/layer.h"

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    bool oldest = version == MAKEWORD(1, 1);
    int error = layer_startup(oldest ? MAKEWORD(2, 2) : version, data, info, upcalls, table);

    if (error == 0 && oldest) {
        data->wVersion = version;
    }
    return error;
}

const struct flaw flaw = {
    .requirement = "REENT-05",
    .what = "WSPStartup settles on version 1.1, and calls in the blocking callback work",
    .caught_by = "nested/version_1_1_allows_none/*",
    .start = start,
};
