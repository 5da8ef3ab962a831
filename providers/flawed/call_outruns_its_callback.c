#include "flawed/support/layer.h"

#include <stdlib.h>

/* A callback that runs on a thread of the layer's own, while the client's thread waits. */
struct errand {
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
    BOOL answer;
    HANDLE done;
    HANDLE cancelled;
};

static __thread LPBLOCKINGCALLBACK callback;
static __thread struct errand *running; /* on the layer's thread */

static DWORD WINAPI run_errand(LPVOID argument)
{
    struct errand *errand = argument;

    running = errand;
    errand->answer = errand->callback(errand->context);
    SetEvent(errand->done);
    return 0;
}

/* Whichever comes first, the callback's end or its cancel, is enough. What it uses is kept. */
static BOOL CALLBACK call_elsewhere(DWORD_PTR context)
{
    struct errand *errand = calloc(1, sizeof *errand);
    HANDLE either[2];
    int ignored;

    errand->callback = callback;
    errand->context = context;
    either[0] = errand->cancelled = CreateEventW(NULL, TRUE, FALSE, NULL);
    either[1] = errand->done = CreateEventW(NULL, TRUE, FALSE, NULL);
    CloseHandle(CreateThread(NULL, 0, run_errand, errand, 0, NULL));
    if (WaitForMultipleObjects(2, either, FALSE, INFINITE) == WAIT_OBJECT_0) {
        reference.lpWSPCancelBlockingCall(&ignored);
        return FALSE;
    }
    return errand->answer;
}

static int WSPAPI cancel(LPINT error)
{
    if (running != NULL) {
        SetEvent(running->cancelled);
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_elsewhere : NULL;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-17",
    .what = "the blocking callback runs on another thread, and a cancelled call does not wait for "
            "its end",
    .caught_by = "cancel/ends_no_call_before_its_callback/*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
