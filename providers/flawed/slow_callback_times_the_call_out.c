#include "flawed/support/blocking.h"

enum { LONG_MS = 100 };

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool took_long;

/* A callback that does not come back soon is taken for one that hangs. */
static BOOL CALLBACK measure(DWORD_PTR context)
{
    ULONGLONG began = GetTickCount64();
    BOOL answer = callback(context);
    int ignored;

    if (GetTickCount64() - began > LONG_MS) {
        took_long = true;
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    took_long = false;
    *function = returned == 0 && callback != NULL ? measure : NULL;
    return returned;
}

static int after(int error)
{
    return error == WSAEINTR && took_long ? WSAETIMEDOUT : error;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
}

const struct flaw flaw = {
    .requirement = "BHK-15",
    .what = "a call whose callback takes longer than a tenth of a second ends with WSAETIMEDOUT",
    .caught_by = "callback/slow_one_only_delays/accept_ipv4"
                 " callback/slow_one_only_delays/select_ipv4"
                 " callback/slow_one_only_delays/recv_ipv*"
                 " callback/slow_one_only_delays/recvfrom_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
