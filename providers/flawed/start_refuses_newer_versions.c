#include "flawed/support/layer.h"

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    if (MAKEWORD(HIBYTE(version), LOBYTE(version)) > MAKEWORD(2, 2)) {
        return WSAVERNOTSUPPORTED;
    }
    return layer_startup(version, data, info, upcalls, table);
}

const struct flaw flaw = {
    .requirement = "STARTUP-02",
    .what = "WSPStartup refuses versions above its own highest",
    .caught_by = "startup/negotiates_its_version/version_2_3 "
                 "startup/negotiates_its_version/version_3_2",
    .start = start,
};
