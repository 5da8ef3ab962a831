#include "flawed/support/opened.h"

#include "flawed/support/blocking.h"

static int kept_at;
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

    if (error != kept_at) {
        client.lpWPUCloseThread(&opened, &ignored);
    }
    return error;
}

void open_threads_and_keep_at(WSPPROC_TABLE *table, int error)
{
    kept_at = error;
    wrap_blocking_calls(table,
                        (struct blocking_calls){.before = open_thread, .after = close_thread});
}
