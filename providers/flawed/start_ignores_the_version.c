#include "flawed/support/layer.h"

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    (void)version;
    return layer_startup(MAKEWORD(2, 2), data, info, upcalls, table);
}

const struct flaw flaw = {
    .requirement = "STARTUP-02",
    .what = "wVersion is 2.2, whatever version was asked for",
    .caught_by = "startup/negotiates_its_version/version_2_0 "
                 "startup/negotiates_its_version/version_2_1",
    .start = start,
};
