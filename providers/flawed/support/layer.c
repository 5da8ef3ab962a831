#include "flawed/support/layer.h"

#include "reference/reference.h"

WSPPROC_TABLE reference;
WSPUPCALLTABLE client;

int layer_startup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                  LPWSPPROC_TABLE table)
{
    int error;

    client = upcalls;
    if (flaw.change_upcalls != NULL) {
        flaw.change_upcalls(&upcalls);
    }
    error = reference_startup(version, data, info, upcalls, table);
    if (error == 0) {
        reference = *table;
        if (flaw.change_table != NULL) {
            flaw.change_table(table);
        }
    }
    return error;
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    if (flaw.start != NULL) {
        return flaw.start(version, data, info, upcalls, table);
    }
    return layer_startup(version, data, info, upcalls, table);
}
