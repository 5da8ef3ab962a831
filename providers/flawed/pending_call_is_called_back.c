#include "flawed/support/pending.h"

static DWORD entry_id;

/* As if it had to wait, for once. */
static void call_back(WSAOVERLAPPED *overlapped)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int ignored;

    (void)overlapped;
    if (client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &ignored) == 0 &&
        callback != NULL) {
        callback(context);
    }
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_pending_calls(table, call_back);
}

const struct flaw flaw = {
    .requirement = "BHK-10",
    .what = "an overlapped call that is pending calls the blocking callback before it returns",
    .caught_by = "overlapped/calls_nobody_back/recv_*_ipv4"
                 " overlapped/calls_nobody_back/recvfrom_by_event_*",
    .change_table = change_table,
    .start = start,
};
