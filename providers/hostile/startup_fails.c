/*
 * WSPStartup returns WSASYSNOTREADY for every entry: not wrong in itself, but there is nothing to
 * judge.
 *
 * Comes to a verdict line; exit code 77.
 */
/* verdict: inconclusive; case: startup/starts direct */
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
    return WSASYSNOTREADY;
}
