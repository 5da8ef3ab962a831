#include "flawed/support/pending.h"

static WSAOVERLAPPED *pending; /* the operation that was begun last */
static volatile LONG closing;

static void remember(WSAOVERLAPPED *overlapped)
{
    pending = overlapped;
}

/* As the last clean-up: what is under way goes without a word. */
static int WSPAPI keep_quiet(LPWSATHREADID thread, LPWSAUSERAPC routine, DWORD_PTR context,
                             LPINT error)
{
    return closing ? 0 : client.lpWPUQueueApc(thread, routine, context, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueueApc = keep_quiet;
}

static int WSPAPI close_silently(SOCKET s, LPINT error)
{
    if (pending != NULL && pending->Internal == WSS_OPERATION_IN_PROGRESS) {
        InterlockedExchange(&closing, 1);
    }
    return reference.lpWSPCloseSocket(s, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_pending_calls(table, remember);
    table->lpWSPCloseSocket = close_silently;
}

const struct flaw flaw = {
    .requirement = "CLOSE-02",
    .what = "once a socket is closed, no completion routine is run for what was pending on it",
    .caught_by = "close/ends_overlapped_calls/*_by_routine_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
