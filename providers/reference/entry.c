/*
 * The one name that a client needs of this DLL (STARTUP-01). The rest of the provider is reached
 * through the table it hands out.
 */
#include "reference.h"

int WSPAPI WSPStartup(WORD wVersionRequested, LPWSPDATA lpWSPData,
                      LPWSAPROTOCOL_INFOW lpProtocolInfo, WSPUPCALLTABLE UpcallTable,
                      LPWSPPROC_TABLE lpProcTable)
{
    return reference_startup(wVersionRequested, lpWSPData, lpProtocolInfo, UpcallTable,
                             lpProcTable);
}
