/*
 * WSPStartup raises what Wine's stubs raise: 0x80000100.
 *
 * Comes to a guard line with that code and WSPStartup as the open call; exit code 86. Whoever
 * certifies such a DLL is told before any case is run.
 */
/* verdict: fail crash WSPStartup; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

enum { STUB_OF_WINE = (int)0x80000100 };

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    ULONG_PTR names[] = {(ULONG_PTR) "raises_stub.dll", (ULONG_PTR) "WSPStartup"};

    (void)version;
    (void)data;
    (void)info;
    (void)upcalls;
    (void)table;
    RaiseException((DWORD)STUB_OF_WINE, EXCEPTION_NONCONTINUABLE, 2, names);
    return 0;
}
