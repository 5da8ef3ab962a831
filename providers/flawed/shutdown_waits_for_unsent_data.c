#include "flawed/support/layer.h"

enum { TURNS = 3 };

static DWORD entry_id;

static bool has_unsent_data(SOCKET s)
{
    fd_set writable = {.fd_count = 1, .fd_array = {s}};
    struct timeval now = {0, 0};
    int ignored;

    return reference.lpWSPSelect(0, NULL, &writable, NULL, &now, &ignored) == 0;
}

/* As if the linger option were for this call, too. */
static int WSPAPI shut_down(SOCKET s, int how, LPINT error)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int ignored;

    if (how != SD_RECEIVE &&
        client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &ignored) == 0 &&
        callback != NULL) {
        for (int turn = 0; turn < TURNS && has_unsent_data(s); turn++) {
            callback(context);
        }
    }
    return reference.lpWSPShutdown(s, how, error);
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPShutdown = shut_down;
}

const struct flaw flaw = {
    .requirement = "BHK-09",
    .what = "WSPShutdown waits for a while, with callbacks, if there is unsent data",
    .caught_by = "callback/is_not_called_by_what_cannot_block/full_connection_*",
    .change_table = change_table,
    .start = start,
};
