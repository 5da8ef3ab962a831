#include "variants/support/variant.h"

/*
 * It does not import WPUCompleteOverlappedRequest, but asks for it by its name, as early as it can.
 * That is the only way in which it tells of a completion.
 */
typedef int(WSPAPI *complete_function)(SOCKET, LPWSAOVERLAPPED, DWORD, DWORD, LPINT);

static complete_function complete;

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved);

BOOL WINAPI DllMain(HINSTANCE self, DWORD reason, LPVOID reserved)
{
    HMODULE library = GetModuleHandleW(L"ws2_32.dll");

    (void)self;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) {
        complete = (complete_function)(void (*)(void))GetProcAddress(
            library, "WPUCompleteOverlappedRequest");
    }
    return complete != NULL;
}

/* What the provider beneath calls, in place of the import. */
int WSPAPI WPUCompleteOverlappedRequest(SOCKET s, LPWSAOVERLAPPED overlapped, DWORD error,
                                        DWORD bytes, LPINT error_cell)
{
    complete(s, overlapped, error, bytes, error_cell);
    return 0;
}

const struct variant variant = {
    .requirement = "CBC-12",
    .why_allowed = "how a provider gets at what ws2_32 exports is its own affair",
    .touches = "overlapped/*_by_event_ipv4",
};
