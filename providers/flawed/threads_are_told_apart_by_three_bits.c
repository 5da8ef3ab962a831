#include "flawed/support/blocking.h"

enum { THREADS = 8, ID_STEP = 4 };

/* The thread that is blocked, by a part of its id. */
static volatile DWORD blocked[THREADS];

static volatile DWORD *own_slot(void)
{
    return &blocked[GetCurrentThreadId() / ID_STEP % THREADS];
}

static int enter(void)
{
    *own_slot() = GetCurrentThreadId();
    return 0;
}

static int leave(int error)
{
    *own_slot() = 0;
    return error;
}

static void CALLBACK cancel_there(ULONG_PTR parameter)
{
    int ignored;

    (void)parameter;
    reference.lpWSPCancelBlockingCall(&ignored);
}

static int WSPAPI cancel(LPINT error)
{
    DWORD other = *own_slot();
    HANDLE thread;

    if (other == 0 || other == GetCurrentThreadId()) {
        return reference.lpWSPCancelBlockingCall(error);
    }
    thread = OpenThread(THREAD_SET_CONTEXT, FALSE, other);
    if (thread != NULL) {
        QueueUserAPC(cancel_there, thread, 0);
        CloseHandle(thread);
    }
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.before = enter, .after = leave});
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "THR-01",
    .what =
        "of two threads whose ids are alike in three bits, a cancel on one ends the call of the "
        "other",
    .caught_by = "thread/each_of_many_cancels_its_own/ipv4",
    .change_table = change_table,
};
