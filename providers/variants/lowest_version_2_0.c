#include "variants/support/variant.h"

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    return LOBYTE(version) < 2 ? WSAVERNOTSUPPORTED
                               : layer_startup(version, data, info, upcalls, table);
}

const struct variant variant = {
    .requirement = "REENT-05",
    .why_allowed = "a provider need not know version 1.1, and nearly none does",
    .touches = "nested/version_1_1_allows_none/* startup/refused_start_owes_nothing/* "
               "startup/clean_up_needs_a_start/* startup/negotiates_its_version/*",
    .start = start,
};
