/*
 * The reference provider, but its description fills all 256 characters without an end, and has
 * control characters, quotation marks, half of a surrogate pair and half of another in it.
 *
 * Comes to the verdict of the reference provider; exit code 0. Each line of the evidence is valid
 * JSON in UTF-8.
 */
/* verdict: pass; case: startup/starts direct */
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

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = start_reference(version, data, info, upcalls, table);

    for (int i = 0; i < (int)ARRAYSIZE(data->szDescription); i++) {
        static const WCHAR odd[] = {1,    L'\n', 0x1B,   L'"',   L'\\',  0xD800, L'x',
                                    0x7F, 0x85,  0xDC00, 0xFFFE, 0x2028, 0xFEFF, 0x4E2D};
        data->szDescription[i] = odd[i % (int)ARRAYSIZE(odd)];
    }
    return error;
}
