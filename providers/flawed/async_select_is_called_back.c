#include "flawed/support/blocking.h"

static DWORD entry_id;
static volatile LONG watched; /* a socket was given messages to post */

static int WSPAPI watch_and_note(SOCKET s, HWND window, unsigned message, long events, LPINT error)
{
    int returned = reference.lpWSPAsyncSelect(s, window, message, events, error);

    if (returned == 0 && events != 0) {
        watched = 1;
    }
    return returned;
}

/* Only FIONBIO makes a socket non-blocking here; one that posts messages is called back first. */
static int call_back(int error)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int ignored;

    if (error == WSAEWOULDBLOCK && watched &&
        client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &ignored) == 0 &&
        callback != NULL) {
        callback(context);
    }
    return error;
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = call_back});
    table->lpWSPAsyncSelect = watch_and_note;
}

const struct flaw flaw = {
    .requirement = "BHK-08",
    .what = "a call on a socket that WSPAsyncSelect made non-blocking calls the blocking callback "
            "before it gives up",
    .caught_by = "callback/is_not_called_on_nonblocking_sockets/by_async_select_*",
    .change_table = change_table,
    .start = start,
};
