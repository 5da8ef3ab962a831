#include "flawed/support/layer.h"

/* Whose cancel is being carried out: of one thread at a time, and nothing keeps the others out. */
static volatile LONG cancelling;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        InterlockedExchange(&cancelling, (LONG)GetCurrentThreadId());
    }
    return returned;
}

static int WSPAPI select_sockets(int count, fd_set *readable, fd_set *writable, fd_set *exceptional,
                                 struct timeval *const timeout, LPINT error)
{
    int returned = reference.lpWSPSelect(count, readable, writable, exceptional, timeout, error);

    if (returned == SOCKET_ERROR && *error == WSAEINTR &&
        cancelling != (LONG)GetCurrentThreadId()) {
        return 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
    table->lpWSPSelect = select_sockets;
}

const struct flaw flaw = {
    .requirement = "THR-07",
    .what = "of two threads that cancel at the same time one has its WSPSelect return 0",
    .caught_by = "thread/interruptions_answer_cancels/*",
    .change_table = change_table,
};
