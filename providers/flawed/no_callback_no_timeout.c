#include "flawed/support/layer.h"

/* Whether the thread has a callback is asked beforehand; the native wait knows no time. */
static DWORD entry_id;

static bool has_callback(void)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context;
    int ignored;

    return client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &ignored) == 0 &&
           callback != NULL;
}

static bool is_finite(const struct timeval *timeout)
{
    return timeout != NULL && (timeout->tv_sec != 0 || timeout->tv_usec != 0);
}

static int WSPAPI select_on(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                            const PTIMEVAL timeout, LPINT error)
{
    PTIMEVAL limit = is_finite(timeout) && !has_callback() ? NULL : timeout;

    return reference.lpWSPSelect(count, to_read, to_write, to_except, limit, error);
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_on;
}

const struct flaw flaw = {
    .requirement = "BHK-11",
    .what = "without a blocking callback, a WSPSelect with a finite timeout waits for ever",
    .caught_by = "callback/may_be_absent/select_times_out_ipv4",
    .start = start,
    .change_table = change_table,
};
