/*
 * Loading the DLL never ends, and keeps the loader's lock: no thread can start any more.
 *
 * Comes to a guard line of the kind hang with LoadLibrary as the open call, when the budget of the
 * case has run out; exit code 124.
 */
/* verdict: fail hang LoadLibrary; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
    (void)self;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        Sleep(INFINITE);
    }
    return TRUE;
}

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
