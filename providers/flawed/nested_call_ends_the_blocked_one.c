#include "flawed/support/blocking.h"
#include "flawed/support/nested.h"

static LPWPUQUERYBLOCKINGCALLBACK watched_query;
static LPBLOCKINGCALLBACK beneath;
static volatile bool asked_in_callback;

/* The call goes on only if no name was asked for meanwhile. */
static BOOL CALLBACK cancel_after_a_call(DWORD_PTR context)
{
    BOOL answer = beneath(context);
    int ignored;

    if (asked_in_callback) {
        reference.lpWSPCancelBlockingCall(&ignored);
    }
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = watched_query(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        beneath = *callback;
        *callback = cancel_after_a_call;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    watch_callbacks(upcalls);
    watched_query = upcalls->lpWPUQueryBlockingCallback;
    upcalls->lpWPUQueryBlockingCallback = query;
}

static int WSPAPI get_sock_name(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    asked_in_callback = asked_in_callback || is_in_callback();
    return reference.lpWSPGetSockName(s, name, length, error);
}

static int after(int error)
{
    bool spoiled = error == WSAEINTR && asked_in_callback;

    if (!is_in_callback()) {
        asked_in_callback = false;
    }
    return spoiled ? WSAEINPROGRESS : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
    table->lpWSPGetSockName = get_sock_name;
}

const struct flaw flaw = {
    .requirement = "REENT-03",
    .what = "a call made in the blocking callback ends the blocked call with WSAEINPROGRESS",
    .caught_by = "nested/blocked_call_is_unharmed/accept_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
