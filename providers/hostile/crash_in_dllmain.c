/*
 * Loading the DLL crashes. The loader catches that, and only says that the DLL cannot be loaded.
 *
 * Comes to a guard line that tells the access violation, this module with the offset, and
 * LoadLibrary as the open call; exit code 86.
 */
/* verdict: fail crash LoadLibrary; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

static int *volatile nowhere;

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
    (void)self;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        *nowhere = 1;
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
