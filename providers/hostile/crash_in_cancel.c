/*
 * The reference provider, but WSPCancelBlockingCall crashes.
 *
 * Comes to a guard line that tells the access violation, this module with the offset, the frames
 * up to the blocking callback and the blocked call, and WSPCancelBlockingCall as the open call;
 * exit code 86.
 */
/* verdict: fail crash WSPCancelBlockingCall; case: cancel/ends_the_blocked_call/recv_ipv4 direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

static WSPPROC_TABLE reference;

/* Starts the reference provider, which lies in the folder above this DLL's. */
static int start_reference(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                           WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    HMODULE self;
    WCHAR path[MAX_PATH];
    LPWSPSTARTUP startup;
    int error;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS |
                           GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                       (LPCWSTR)(void *)&reference, &self);
    GetModuleFileNameW(self, path, MAX_PATH - 16);
    wcscpy(wcsrchr(path, L'\\') + 1, L"..\\reference.dll");
    startup = (LPWSPSTARTUP)(void (*)(void))GetProcAddress(LoadLibraryW(path), "WSPStartup");
    if (startup == NULL) {
        return WSASYSNOTREADY;
    }
    error = startup(version, data, info, upcalls, table);
    reference = *table;
    return error;
}

static int *volatile nowhere;

static int WSPAPI cancel(LPINT error)
{
    (void)error;
    *nowhere = 1;
    return 0;
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = start_reference(version, data, info, upcalls, table);

    table->lpWSPCancelBlockingCall = cancel;
    return error;
}
