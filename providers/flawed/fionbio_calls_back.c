#include "flawed/support/layer.h"

static DWORD entry_id;

/* A change of the mode is a good moment to let the client's messages through. */
static int WSPAPI ioctl(SOCKET s, DWORD code, LPVOID in, DWORD in_size, LPVOID out, DWORD out_size,
                        LPDWORD returned, LPWSAOVERLAPPED overlapped,
                        LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, LPWSATHREADID thread,
                        LPINT error)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int ignored;

    if (code == (DWORD)FIONBIO &&
        client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &ignored) == 0 &&
        callback != NULL) {
        callback(context);
    }
    return reference.lpWSPIoctl(s, code, in, in_size, out, out_size, returned, overlapped, routine,
                                thread, error);
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPIoctl = ioctl;
}

const struct flaw flaw = {
    .requirement = "IOCTL-03",
    .what = "WSPIoctl with FIONBIO calls the blocking callback before it changes the mode",
    .caught_by = "ioctl/asks_without_waiting/*",
    .change_table = change_table,
    .start = start,
};
