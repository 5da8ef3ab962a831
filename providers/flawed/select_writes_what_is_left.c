#include "flawed/support/layer.h"

/* The select of this thread has had to wait. */
static __thread bool waited;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    waited = true;
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static LONGLONG microseconds(void)
{
    LARGE_INTEGER now;
    LARGE_INTEGER frequency;

    QueryPerformanceCounter(&now);
    QueryPerformanceFrequency(&frequency);
    return now.QuadPart / frequency.QuadPart * 1000000 +
           now.QuadPart % frequency.QuadPart * 1000000 / frequency.QuadPart;
}

/* As some other systems do: what is left of the time. At least one microsecond is gone. */
static void write_rest(struct timeval *timeout, LONGLONG elapsed)
{
    LONGLONG rest = (LONGLONG)timeout->tv_sec * 1000000 + timeout->tv_usec - elapsed - 1;

    rest = rest > 0 ? rest : 0;
    timeout->tv_sec = (long)(rest / 1000000);
    timeout->tv_usec = (long)(rest % 1000000);
}

static int WSPAPI select_some(int count, fd_set *read, fd_set *write, fd_set *except,
                              const PTIMEVAL timeout, LPINT error)
{
    LONGLONG started = microseconds();
    int returned;

    waited = false;
    returned = reference.lpWSPSelect(count, read, write, except, timeout, error);
    if (returned > 0 && waited && timeout != NULL) {
        write_rest(timeout, microseconds() - started);
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_some;
}

const struct flaw flaw = {
    .requirement = "SELECT-05",
    .what = "a WSPSelect that had to wait before it succeeded writes the rest to the timeval",
    .caught_by = "select/timeval_is_left_alone/succeeded_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
