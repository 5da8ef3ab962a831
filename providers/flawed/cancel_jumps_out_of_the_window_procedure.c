#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK callback;
static __thread void *way_out[5];
static __thread bool in_callback;

/* In a program that has windows the cancel comes out here, and nobody else gets control back. */
static BOOL CALLBACK call_back(DWORD_PTR context)
{
    BOOL answer = FALSE;

    if (__builtin_setjmp(way_out) == 0) {
        in_callback = true;
        answer = callback(context);
    }
    in_callback = false;
    return answer;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && in_callback && GetModuleHandleW(L"user32.dll") != NULL) {
        __builtin_longjmp(way_out, 1);
    }
    return returned;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_back : NULL;
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
    .requirement = "PSB-03",
    .what = "in a program that has windows a cancel jumps out of the window procedure and of the "
            "callback that pumps",
    .caught_by = "cancel/waits_for_the_window_procedure/accept_stays_ipv4"
                 " cancel/waits_for_the_window_procedure/recv_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
