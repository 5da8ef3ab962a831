#include "flawed/support/layer.h"

/* The thread has something laid out for it. */
static __thread bool is_known;
static DWORD first_thread;

static int WSPAPI cancel(LPINT error)
{
    bool was_known = is_known || GetCurrentThreadId() == first_thread;

    is_known = true;
    return was_known ? reference.lpWSPCancelBlockingCall(error) : 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    first_thread = GetCurrentThreadId();
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "THR-05",
    .what = "a cancel that is the first one of its thread only lays out what it needs, and says 0",
    .caught_by = "thread/first_call_is_a_cancel/new"
                 " thread/first_call_is_a_cancel/older_than_the_start",
    .change_table = change_table,
};
