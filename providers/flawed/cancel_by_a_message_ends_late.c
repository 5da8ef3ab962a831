#include "flawed/support/layer.h"

/* How long the call goes on when there is no message to wake its thread. */
enum { LATE_MS = 2500 };

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool cancelled;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    cancelled = returned == 0;
    return returned;
}

static BOOL CALLBACK call_and_doze(DWORD_PTR context)
{
    BOOL answer;

    cancelled = false;
    answer = callback(context);
    if (cancelled && GetModuleHandleW(L"user32.dll") != NULL) {
        Sleep(LATE_MS);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_and_doze : NULL;
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
    .requirement = "PSB-04",
    .what = "in a program that has windows the provider takes seconds to notice that its call was "
            "cancelled",
    .caught_by = "cancel/needs_no_further_message/connect_ipv4"
                 " cancel/needs_no_further_message/accept_ipv4"
                 " cancel/needs_no_further_message/recv_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
