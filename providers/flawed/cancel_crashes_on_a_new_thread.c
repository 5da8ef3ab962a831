#include "flawed/support/blocking.h"

/* What a thread needs is laid out by its first blocking call. */
struct needs {
    volatile LONG cancels;
};

static __thread struct needs here;
static __thread struct needs *laid_out;
static DWORD first_thread;

static int lay_out(void)
{
    laid_out = &here;
    return 0;
}

static int WSPAPI cancel(LPINT error)
{
    if (GetCurrentThreadId() != first_thread) {
        InterlockedIncrement(&laid_out->cancels);
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    first_thread = GetCurrentThreadId();
    wrap_blocking_calls(table, (struct blocking_calls){.before = lay_out});
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "THR-05",
    .what = "a cancel on a thread that made no blocking call follows a null pointer",
    .caught_by = "thread/first_call_is_a_cancel/*",
    .change_table = change_table,
};
