/*
 * The reference provider, but it writes 8 MiB to standard error when it is started.
 *
 * Comes to the verdict of the reference provider; exit code 0.
 */
/* verdict: pass; case: startup/starts direct */
#include <winsock2.h>

#include <ws2spi.h>

#include <windows.h>

#include <string.h>

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

enum { CHUNK = 64 << 10, CHUNKS = 128 };

static void flood(void)
{
    static char chunk[CHUNK];
    DWORD written;

    memset(chunk, 'x', sizeof chunk);
    for (size_t i = 79; i < sizeof chunk; i += 80) {
        chunk[i] = '\n';
    }
    for (int i = 0; i < CHUNKS; i++) {
        WriteFile(GetStdHandle(STD_ERROR_HANDLE), chunk, sizeof chunk, &written, NULL);
    }
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = start_reference(version, data, info, upcalls, table);

    flood();
    return error;
}
