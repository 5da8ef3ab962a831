#include "variants/support/variant.h"

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    return info->iAddressFamily == AF_INET ? layer_startup(version, data, info, upcalls, table)
                                           : WSAEAFNOSUPPORT;
}

const struct variant variant = {
    .requirement = "STARTUP-01",
    .why_allowed = "a provider has the protocols that it has",
    .touches = "startup/* cancel/ends_the_blocked_call/recv_*",
    .start = start,
};
