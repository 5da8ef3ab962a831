#include "flawed/support/nested.h"

/* The record of the call that is blocked is one for a thread, and whoever leaves empties it. */
static __thread bool forgotten;

static int(WSPAPI *watched_query)(DWORD, LPBLOCKINGCALLBACK *, PDWORD_PTR, LPINT);

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    forgotten = forgotten && is_in_callback();
    return watched_query(entry, callback, context, error);
}

static int WSPAPI poll(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                       const PTIMEVAL timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (is_in_callback() && timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0) {
        forgotten = true;
    }
    return returned;
}

static int WSPAPI cancel(LPINT error)
{
    if (forgotten) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    watch_callbacks(upcalls);
    watched_query = upcalls->lpWPUQueryBlockingCallback;
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = poll;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-01",
    .what = "after a WSPSelect that only polled, in the callback, the blocked call cannot be "
            "cancelled",
    .caught_by = "cancel/after_another_call/select_ipv*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
