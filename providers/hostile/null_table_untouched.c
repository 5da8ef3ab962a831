/*
 * WSPStartup returns 0 and has written neither to the table nor anywhere else.
 *
 * Comes to a verdict line that says so (STARTUP-04); exit code 1. What the table held before is
 * not taken for functions.
 */
/* verdict: fail expectation; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    (void)version;
    (void)data;
    (void)info;
    (void)upcalls;
    (void)table;
    return 0;
}
