/*
 * WSPStartup crashes.
 *
 * Comes to a guard line that tells the access violation, this module with the offset, and
 * WSPStartup as the open call; exit code 86.
 */
/* verdict: fail crash WSPStartup; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

static int *volatile nowhere;

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    (void)version;
    (void)data;
    (void)info;
    (void)upcalls;
    (void)table;
    *nowhere = 1;
    return 0;
}
