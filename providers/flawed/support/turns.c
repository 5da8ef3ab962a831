#include "flawed/support/turns.h"

static callback_turn taken;
static __thread LPBLOCKINGCALLBACK callback;
static __thread bool cancelled;

static BOOL CALLBACK take_turn(DWORD_PTR context)
{
    cancelled = false;
    return taken(callback, context);
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? take_turn : NULL;
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    cancelled = cancelled || returned == 0;
    return returned;
}

void take_turns(WSPUPCALLTABLE *upcalls, callback_turn turn)
{
    taken = turn;
    upcalls->lpWPUQueryBlockingCallback = query;
}

void watch_cancels(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

bool has_cancelled(void)
{
    return cancelled;
}
