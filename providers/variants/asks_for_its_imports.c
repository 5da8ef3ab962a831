#include "variants/support/variant.h"

/*
 * It does not import WPUCompleteOverlappedRequest, but asks for it by its name, as the page of that
 * function allows. It has no other way to tell of a completion.
 */
typedef int(WSPAPI *complete_function)(SOCKET, LPWSAOVERLAPPED, DWORD, DWORD, LPINT);

static complete_function complete;

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    complete = (complete_function)(void (*)(void))GetProcAddress(GetModuleHandleW(L"ws2_32.dll"),
                                                                 "WPUCompleteOverlappedRequest");
    return complete != NULL ? layer_startup(version, data, info, upcalls, table) : WSASYSNOTREADY;
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
    .start = start,
};
