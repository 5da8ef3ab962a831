#include "flawed/support/layer.h"

static void close_thread(WSATHREADID *thread)
{
    int ignored;

    client.lpWPUCloseThread(thread, &ignored);
}

/* The way out that found nothing forgets to close. */
static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    WSATHREADID thread;
    int ignored;
    bool waits = timeout == NULL || timeout->tv_sec != 0 || timeout->tv_usec != 0;
    bool opened = waits && client.lpWPUOpenCurrentThread(&thread, &ignored) == 0;
    int returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);

    if (opened && returned != 0) {
        close_thread(&thread);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "UPC-04",
    .what = "a WSPSelect that waits opens its thread, and does not close it when its time runs out",
    .caught_by = "upcall/threads_are_closed/timed_out_select_ipv4",
    .change_table = change_table,
};
