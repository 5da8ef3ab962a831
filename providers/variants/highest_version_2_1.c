#include "variants/support/variant.h"

static const WORD highest = MAKEWORD(2, 1);

/* A version word has its major number in the low byte. */
static bool is_lower(WORD version, WORD other)
{
    return MAKEWORD(HIBYTE(version), LOBYTE(version)) < MAKEWORD(HIBYTE(other), LOBYTE(other));
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    int error =
        layer_startup(is_lower(version, highest) ? version : highest, data, info, upcalls, table);

    if (error == 0) {
        data->wHighVersion = highest;
    }
    return error;
}

const struct variant variant = {
    .requirement = "STARTUP-02",
    .why_allowed = "the version to use is the lower one of that asked for and the provider's own "
                   "highest, and nothing says that this is 2.2",
    .touches = "startup/*",
    .start = start,
};
