#include "flawed/support/layer.h"

static __thread bool has_failed;

static BOOL CALLBACK give_up(DWORD_PTR context)
{
    int ignored;

    (void)context;
    reference.lpWSPCancelBlockingCall(&ignored);
    return FALSE;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    has_failed = client.lpWPUQueryBlockingCallback(entry, callback, context, error) != 0;
    if (has_failed) {
        *callback = give_up;
    }
    return 0;
}

static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    has_failed = false;
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    if (has_failed && returned != 0) {
        *received = 0;
        return 0;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "BHK-12",
    .what = "when WPUQueryBlockingCallback fails, WSPRecv succeeds with no bytes",
    .caught_by = "callback/query_may_fail/recv_ipv*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
