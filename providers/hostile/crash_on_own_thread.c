/*
 * The reference provider, but while WSPRecv blocks a thread of the provider's own crashes.
 *
 * Comes to a guard line that tells the access violation on a foreign thread, this module with the
 * offset, and WSPRecv, in which the client's thread is, as the open call; exit code 86.
 */
/* verdict: fail crash WSPRecv; case: callback/is_called_while_blocked/recv_ipv4 direct */
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

static DWORD WINAPI crash(LPVOID ignored)
{
    (void)ignored;
    *nowhere = 1;
    return 0;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    /* It never ends: its crash takes the process along. */
    WaitForSingleObject(CreateThread(NULL, 0, crash, NULL, 0, NULL), INFINITE);
    return reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread,
                               error);
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = start_reference(version, data, info, upcalls, table);

    table->lpWSPRecv = receive;
    return error;
}
