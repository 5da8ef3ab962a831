/*
 * WSPStartup returns 0 and leaves a table of zeros.
 *
 * Comes to a verdict line that says so (STARTUP-04); exit code 1. No entry of the table is called.
 */
/* verdict: fail expectation; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    (void)version;
    (void)info;
    (void)upcalls;
    memset(data, 0, sizeof *data);
    data->wVersion = MAKEWORD(2, 2);
    data->wHighVersion = MAKEWORD(2, 2);
    memset(table, 0, sizeof *table);
    return 0;
}
