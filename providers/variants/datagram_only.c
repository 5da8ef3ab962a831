#include "variants/support/variant.h"

/* It has no catalog entries but those of UDP, and says so at the start. */
static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    return info->iSocketType == SOCK_DGRAM ? layer_startup(version, data, info, upcalls, table)
                                           : WSASYSNOTREADY;
}

const struct variant variant = {
    .requirement = "STARTUP-01",
    .why_allowed = "a provider has the protocols that it has",
    .touches = "startup/* cancel/ends_the_blocked_call/recv*_ipv4 "
               "cancel/idle_after_startup",
    .start = start,
};
