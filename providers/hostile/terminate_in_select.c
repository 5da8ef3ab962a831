/*
 * The reference provider, but WSPSelect ends the process with status 0, which no handler sees.
 *
 * Comes to no guard line and no verdict line; the evidence ends with WSPSelect open, and the exit
 * status 0 counts for nothing.
 */
/* verdict: fail exit WSPSelect; case: cancel/ends_the_blocked_call/select_ipv4 direct */
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

static int WSPAPI select_none(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    (void)count;
    (void)read;
    (void)write;
    (void)except;
    (void)timeout;
    (void)error;
    TerminateProcess(GetCurrentProcess(), 0);
    return SOCKET_ERROR;
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = start_reference(version, data, info, upcalls, table);

    table->lpWSPSelect = select_none;
    return error;
}
