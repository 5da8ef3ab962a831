#include "flawed/support/layer.h"

#include "reference/reference.h"

WSPPROC_TABLE reference;
WSPUPCALLTABLE client;
const WSPUPCALLTABLE *upcalls_as_passed;

int layer_startup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                  LPWSPPROC_TABLE table)
{
    struct layer layer = layer_of_record();
    int error;

    client = upcalls;
    if (layer.change_upcalls != NULL) {
        layer.change_upcalls(&upcalls);
    }
    error = reference_startup(version, data, info, upcalls, table);
    if (error == 0) {
        reference = *table;
        if (layer.change_table != NULL) {
            layer.change_table(table);
        }
    }
    return error;
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    struct layer layer = layer_of_record();

    upcalls_as_passed = &upcalls;
    if (layer.start != NULL) {
        return layer.start(version, data, info, upcalls, table);
    }
    return layer_startup(version, data, info, upcalls, table);
}
