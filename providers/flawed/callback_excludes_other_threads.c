#include "flawed/support/layer.h"

/* Held while the callback runs, and taken for a moment by each call. */
static CRITICAL_SECTION lock;
static __thread LPBLOCKINGCALLBACK callback;

static BOOL CALLBACK call_back_alone(DWORD_PTR context)
{
    BOOL answer;

    EnterCriticalSection(&lock);
    answer = callback(context);
    LeaveCriticalSection(&lock);
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? call_back_alone : NULL;
    return returned;
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    EnterCriticalSection(&lock);
    LeaveCriticalSection(&lock);
    return reference.lpWSPGetSockOpt(s, level, option, value, size, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    InitializeCriticalSection(&lock);
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPGetSockOpt = get_option;
}

const struct flaw flaw = {
    .requirement = "BHK-16",
    .what = "a lock is held over the callback, and other threads wait for it in their calls",
    .caught_by = "callback/other_threads_go_on/*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
