#include "flawed/support/readable.h"

/* Of this thread: the cancels of the call that blocked last, and whether one was left over. */
static __thread unsigned cancels;
static __thread bool left_over;
static __thread SOCKET interrupted;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    cancels = 0;
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0 && ++cancels == 2) {
        left_over = true;
    }
    return returned;
}

/* The quick way, when data is there, looks at the cancel before it looks at the data. */
static int WSPAPI receive(SOCKET s, LPWSABUF buffers, DWORD count, LPDWORD received, LPDWORD flags,
                          LPWSAOVERLAPPED overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine,
                          LPWSATHREADID thread, LPINT error)
{
    int returned;

    if (left_over && overlapped == NULL && s != interrupted && is_readable(s)) {
        left_over = false;
        *error = WSAEINTR;
        return SOCKET_ERROR;
    }
    returned =
        reference.lpWSPRecv(s, buffers, count, received, flags, overlapped, routine, thread, error);
    if (returned == SOCKET_ERROR && *error == WSAEINTR) {
        interrupted = s;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPRecv = receive;
}

const struct flaw flaw = {
    .requirement = "STICKY-03",
    .what = "the second of two cancels of one call ends a later WSPRecv that finds data waiting",
    .caught_by = "sticky/cancel_spares_an_immediate_call/*_twice_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
