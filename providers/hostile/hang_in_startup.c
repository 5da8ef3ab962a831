/*
 * WSPStartup never returns.
 *
 * Comes to a guard line of the kind hang with WSPStartup as the open call, when the budget of the
 * case has run out; exit code 124.
 */
/* verdict: fail hang WSPStartup; case: startup/starts direct */
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
    Sleep(INFINITE);
    return 0;
}
