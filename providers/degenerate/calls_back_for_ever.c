#include "degenerate/support/degenerate.h"

static LPBLOCKINGCALLBACK callback;
static DWORD_PTR callback_context;

static DWORD WINAPI call_for_ever(void *argument)
{
    (void)argument;
    while (callback != NULL) {
        callback(callback_context);
        Sleep(1);
    }
    return 0;
}

/* The thread outlives the clean-up, so this DLL has to stay where it is. */
static void begin(void)
{
    HMODULE self;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_PIN,
                       (LPCWSTR)(void *)&callback, &self);
    CloseHandle(CreateThread(NULL, 0, call_for_ever, NULL, 0, NULL));
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    static volatile LONG begun;
    int returned = client.lpWPUQueryBlockingCallback(entry, function, context, error);

    if (returned == 0 && *function != NULL && InterlockedExchange(&begun, 1) == 0) {
        callback = *function;
        callback_context = *context;
        begin();
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct degenerate degenerate = {
    .kind = BROKEN,
    .what = "once a callback was asked for, a thread of the provider calls it for ever",
    .verdict = "non-conforming",
    .cause = "expectation",
    .caught_by = "callback/runs_on_the_blocking_thread/* cancel/ends_the_callbacks/*",
    .change_upcalls = change_upcalls,
};
