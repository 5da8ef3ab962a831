#include "flawed/support/native_wait.h"

#include "flawed/support/blocking.h"

__thread volatile bool waits_natively;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    waits_natively = returned == 0 && *callback == NULL;
    return returned;
}

static int returns(int error)
{
    waits_natively = false;
    return error;
}

void watch_queries(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

void watch_native_waits(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = returns});
}
