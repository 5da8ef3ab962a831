#include "flawed/support/layer.h"

static DWORD catalog_entry;

static int WSPAPI select_and_call(int count, fd_set *read, fd_set *write, fd_set *except,
                                  const PTIMEVAL timeout, LPINT error)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int ignored;

    if (timeout != NULL && timeout->tv_sec == 0 && timeout->tv_usec == 0 &&
        client.lpWPUQueryBlockingCallback(catalog_entry, &callback, &context, &ignored) == 0 &&
        callback != NULL) {
        callback(context);
    }
    return reference.lpWSPSelect(count, read, write, except, timeout, error);
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    catalog_entry = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_and_call;
}

const struct flaw flaw = {
    .requirement = "SELECT-06",
    .what = "WSPSelect calls the blocking callback though its timeout is zero",
    .caught_by = "select/zero_timeout_only_asks/ipv4",
    .change_table = change_table,
    .start = start,
};
