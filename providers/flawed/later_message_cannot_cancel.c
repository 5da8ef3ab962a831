#include "flawed/support/layer.h"

enum { KNOWN_TURNS = 2 };

static __thread LPBLOCKINGCALLBACK callback;
static __thread unsigned turns;

static BOOL CALLBACK count_turn(DWORD_PTR context)
{
    turns++;
    return callback(context);
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    turns = 0;
    *function = returned == 0 && callback != NULL ? count_turn : NULL;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    if (turns > KNOWN_TURNS && GetModuleHandleW(L"user32.dll") != NULL) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
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
    .requirement = "PSB-05",
    .what = "in a program that has windows a call can be cancelled in its first two callbacks only",
    .caught_by = "cancel/at_any_message_of_the_call/*_in_a_later_callback_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
