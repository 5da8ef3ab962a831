#include "harness/replaced.h"

#include "harness/evidence.h"
#include "harness/names.h"
#include "harness/upcall.h"

static volatile LONG counts[UPCALL_COUNT];

static void count(enum upcall upcall)
{
    if (InterlockedIncrement(&counts[upcall]) == 1) {
        evidence_note("replaced upcall table", "%s came through the table of an earlier WSPStartup",
                      upcall_name(upcall));
    }
}

LONG replaced_upcall_count(enum upcall upcall)
{
    return counts[upcall];
}

LONG replaced_upcalls(void)
{
    LONG sum = 0;

    for (int i = 0; i < UPCALL_COUNT; i++) {
        sum += counts[i];
    }
    return sum;
}

/* EACH(result, upcall, parameters with their types, the same without) */
#define EACH(X)                                                                                    \
    X(BOOL, WPUCloseEvent, (WSAEVENT event, LPINT error), (event, error))                          \
    X(int, WPUCloseSocketHandle, (SOCKET s, LPINT error), (s, error))                              \
    X(WSAEVENT, WPUCreateEvent, (LPINT error), (error))                                            \
    X(SOCKET, WPUCreateSocketHandle, (DWORD entry, DWORD_PTR context, LPINT error),                \
      (entry, context, error))                                                                     \
    X(int, WPUFDIsSet, (SOCKET s, fd_set * set), (s, set))                                         \
    X(int, WPUGetProviderPath, (LPGUID id, WCHAR * path, LPINT length, LPINT error),               \
      (id, path, length, error))                                                                   \
    X(SOCKET, WPUModifyIFSHandle, (DWORD entry, SOCKET proposed, LPINT error),                     \
      (entry, proposed, error))                                                                    \
    X(BOOL, WPUPostMessage, (HWND window, UINT message, WPARAM wide, LPARAM long_parameter),       \
      (window, message, wide, long_parameter))                                                     \
    X(int, WPUQueryBlockingCallback,                                                               \
      (DWORD entry, LPBLOCKINGCALLBACK * callback, PDWORD_PTR context, LPINT error),               \
      (entry, callback, context, error))                                                           \
    X(int, WPUQuerySocketHandleContext, (SOCKET s, PDWORD_PTR context, LPINT error),               \
      (s, context, error))                                                                         \
    X(int, WPUQueueApc, (LPWSATHREADID thread, LPWSAUSERAPC apc, DWORD_PTR context, LPINT error),  \
      (thread, apc, context, error))                                                               \
    X(BOOL, WPUResetEvent, (WSAEVENT event, LPINT error), (event, error))                          \
    X(BOOL, WPUSetEvent, (WSAEVENT event, LPINT error), (event, error))                            \
    X(int, WPUOpenCurrentThread, (LPWSATHREADID thread, LPINT error), (thread, error))             \
    X(int, WPUCloseThread, (LPWSATHREADID thread, LPINT error), (thread, error))

#define DEFINE(result, upcall, parameters, arguments)                                              \
    static result WSPAPI replaced_##upcall parameters                                              \
    {                                                                                              \
        count(UPCALL_##upcall);                                                                    \
        return upcall_table().lp##upcall arguments;                                                \
    }
EACH(DEFINE)

WSPUPCALLTABLE replaced_upcall_table(void)
{
#define ENTRY(result, upcall, parameters, arguments) .lp##upcall = replaced_##upcall,
    return (WSPUPCALLTABLE){EACH(ENTRY)};
}
