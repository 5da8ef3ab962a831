#include "flawed/support/layer.h"

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    int returned = layer_startup(version, data, info, upcalls, table);

    if (returned == 0) {
        data->wVersion = MAKEWORD(2, 3);
    }
    return returned;
}

const struct flaw flaw = {
    .requirement = "STARTUP-02",
    .what = "wVersion is 2.3, newer than what was asked for and than the highest that there is",
    .caught_by = "startup/starts startup/negotiates_its_version/version_2_2",
    .start = start,
};
