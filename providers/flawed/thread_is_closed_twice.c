#include "flawed/support/blocking.h"

static __thread WSATHREADID opened;

static int open_thread(void)
{
    int error;

    client.lpWPUOpenCurrentThread(&opened, &error);
    return 0;
}

/* The upcall clears what it is given, so it is given a copy. */
static int close_thread(int error)
{
    WSATHREADID again = opened;
    int ignored;

    client.lpWPUCloseThread(&opened, &ignored);
    client.lpWPUCloseThread(&again, &ignored);
    return error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table,
                        (struct blocking_calls){.before = open_thread, .after = close_thread});
}

const struct flaw flaw = {
    .requirement = "UPC-04",
    .what = "each blocking call opens its thread, and closes it twice",
    .caught_by = "upcall/threads_are_closed/completed_*",
    .change_table = change_table,
};
