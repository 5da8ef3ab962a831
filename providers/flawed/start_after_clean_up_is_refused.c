#include "flawed/support/layer.h"

enum { RECOVERY_MS = 500 };

static unsigned starts;
static ULONGLONG cleaned;

static int WSPAPI clean_up(LPINT error)
{
    int returned = reference.lpWSPCleanup(error);

    if (returned == 0 && --starts == 0) {
        cleaned = GetTickCount64();
    }
    return returned;
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    int error;

    if (cleaned != 0 && GetTickCount64() - cleaned < RECOVERY_MS) {
        return WSASYSNOTREADY;
    }
    error = layer_startup(version, data, info, upcalls, table);
    if (error == 0) {
        starts++;
        table->lpWSPCleanup = clean_up;
    }
    return error;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-03",
    .what = "WSPStartup fails with WSASYSNOTREADY for a while after the last WSPCleanup",
    .caught_by = "startup/unload_and_start_after_the_last/*",
    .start = start,
};
