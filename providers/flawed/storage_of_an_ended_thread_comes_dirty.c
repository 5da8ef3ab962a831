#include "flawed/support/blocking.h"
#include "flawed/support/storage.h"

/* A thread that is known begins each call afresh. */
static int before(void)
{
    struct storage *storage = storage_of_thread();
    bool cancelled = false;

    if (storage == NULL) {
        storage = take_storage();
        cancelled = storage->cancelled;
    }
    storage->cancelled = false;
    return cancelled ? WSAEINTR : 0;
}

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);
    struct storage *storage = storage_of_thread();

    if (returned == 0 && storage != NULL) {
        storage->cancelled = true;
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
    .what = "a new thread is given the storage of one that has ended with a cancel still in it",
    .caught_by = "thread/ended_one_leaves_nothing_behind/*",
    .change_table = change_table,
};
