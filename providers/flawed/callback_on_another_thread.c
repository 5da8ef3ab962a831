#include "flawed/support/layer.h"

/* What a thread of the layer's own is to call. */
struct errand {
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
    BOOL answer;
};

static __thread struct errand errand;

static DWORD WINAPI run_errand(LPVOID argument)
{
    struct errand *mine = argument;

    mine->answer = mine->callback(mine->context);
    return 0;
}

static BOOL CALLBACK call_elsewhere(DWORD_PTR context)
{
    HANDLE thread;

    errand.context = context;
    errand.answer = TRUE;
    thread = CreateThread(NULL, 0, run_errand, &errand, 0, NULL);
    if (thread != NULL) {
        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
    }
    return errand.answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        errand.callback = *callback;
        *callback = call_elsewhere;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-05",
    .what = "the blocking callback is called on a thread of the provider's own",
    .caught_by = "callback/runs_on_the_blocking_thread/*",
    .change_upcalls = change_upcalls,
};
