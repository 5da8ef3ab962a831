#include "flawed/support/blocking.h"
#include "flawed/support/storage.h"

static struct storage *of_this_thread(void)
{
    struct storage *storage = storage_of_thread();

    if (storage == NULL) {
        storage = take_storage();
    }
    return storage;
}

/* A call begins afresh, and what was cancelled in it is over with it. */
static int before(void)
{
    of_this_thread()->cancelled = false;
    return 0;
}

static int WSPAPI cancel(LPINT error)
{
    struct storage *storage = of_this_thread();
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        storage->cancelled = true;
        storage->blocked_on = GetCurrentThreadId();
    } else if (storage->cancelled && storage->blocked_on != GetCurrentThreadId()) {
        returned = 0;
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    keep_storage();
    wrap_blocking_calls(table, (struct blocking_calls){.before = before});
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "THR-04",
    .what = "a new thread may cancel the call of one that has ended, whose storage it is given",
    .caught_by = "thread/ended_one_leaves_nothing_behind/select_ipv4"
                 " thread/ended_one_leaves_nothing_behind/recv*",
    .change_table = change_table,
};
