#include "flawed/support/layer.h"

/* How many callbacks run in the process, and whether this thread's is one of them. */
static LONG running;
static __thread LONG own;
static __thread LPBLOCKINGCALLBACK callback;

static BOOL CALLBACK count(DWORD_PTR context)
{
    BOOL answer;

    InterlockedIncrement(&running);
    own++;
    answer = callback(context);
    own--;
    InterlockedDecrement(&running);
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    *function = returned == 0 && callback != NULL ? count : NULL;
    return returned;
}

static int WSPAPI get_sock_name(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    if (running > own) {
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPGetSockName(s, name, length, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPGetSockName = get_sock_name;
}

const struct flaw flaw = {
    .requirement = "BHK-16",
    .what = "while a callback runs, calls of other threads fail with WSAEINPROGRESS",
    .caught_by = "callback/other_threads_go_on/accept_ipv4 callback/other_threads_go_on/recv_ipv*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
