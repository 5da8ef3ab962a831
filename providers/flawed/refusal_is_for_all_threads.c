#include "flawed/support/layer.h"

/* One blocking call in the whole process, as on Windows 3.1. */
static volatile LONG callbacks_running;
static __thread LPBLOCKINGCALLBACK beneath;

static BOOL CALLBACK counted(DWORD_PTR context)
{
    BOOL answer;

    InterlockedIncrement(&callbacks_running);
    answer = beneath(context);
    InterlockedDecrement(&callbacks_running);
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        beneath = *callback;
        *callback = counted;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static SOCKET WSPAPI make_socket(int family, int type, int protocol, LPWSAPROTOCOL_INFOW info,
                                 GROUP group, DWORD flags, LPINT error)
{
    if (callbacks_running > 0) {
        *error = WSAEINPROGRESS;
        return INVALID_SOCKET;
    }
    return reference.lpWSPSocket(family, type, protocol, info, group, flags, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSocket = make_socket;
}

const struct flaw flaw = {
    .requirement = "REENT-08",
    .what = "while a blocking callback runs, no thread gets a socket: WSAEINPROGRESS",
    .caught_by = "nested/refusal_ends_with_the_call/*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
