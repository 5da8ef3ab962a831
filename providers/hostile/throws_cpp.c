/*
 * The reference provider, but WSPRecv throws a C++ exception through the frames of its caller.
 *
 * Comes to a guard line with the code 0xE06D7363, frames that show this module, and WSPRecv as the
 * open call; exit code 86.
 */
/* verdict: fail crash WSPRecv; case: cancel/ends_the_blocked_call/recv_ipv4 direct */
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

enum { CPP_EXCEPTION = (int)0xE06D7363 };

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    (void)s;
    (void)buffers;
    (void)count;
    (void)received;
    (void)flags;
    (void)overlapped;
    (void)routine;
    (void)thread;
    (void)error;
    RaiseException((DWORD)CPP_EXCEPTION, EXCEPTION_NONCONTINUABLE, 0, NULL);
    return SOCKET_ERROR;
}

int WSPAPI WSPStartup(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                      WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    int error = start_reference(version, data, info, upcalls, table);

    table->lpWSPRecv = receive;
    return error;
}
