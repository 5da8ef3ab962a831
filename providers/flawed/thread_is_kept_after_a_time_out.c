#include "flawed/support/blocking.h"

static __thread WSATHREADID opened;

static int open_thread(void)
{
    int error;

    client.lpWPUOpenCurrentThread(&opened, &error);
    return 0;
}

static int close_thread(int error)
{
    int ignored;

    if (error != WSAETIMEDOUT) {
        client.lpWPUCloseThread(&opened, &ignored);
    }
    return error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table,
                        (struct blocking_calls){.before = open_thread, .after = close_thread});
}

const struct flaw flaw = {
    .requirement = "UPC-04",
    .what = "each blocking call opens its thread, and one that times out does not close it",
    .caught_by = "upcall/threads_are_closed/timed_out_recv_ipv4",
    .change_table = change_table,
};
