/*
 * Exports WSPStartupEx, as providers of a later Windows may, but no WSPStartup.
 *
 * Comes to a verdict line that names the missing export (STARTUP-01); exit code 1. Whoever
 * certifies such a DLL is told before any case is run.
 */
/* verdict: fail expectation; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

int WSPAPI WSPStartupEx(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, LPVOID upcalls,
                        LPWSPPROC_TABLE table);

int WSPAPI WSPStartupEx(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, LPVOID upcalls,
                        LPWSPPROC_TABLE table)
{
    (void)version;
    (void)data;
    (void)info;
    (void)upcalls;
    (void)table;
    return WSASYSNOTREADY;
}
