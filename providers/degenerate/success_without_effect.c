#include "degenerate/support/every.h"

#include <string.h>

static DWORD catalog_entry;

static struct answer answer(struct every_call call)
{
    struct answer answer = {strcmp(call.name, "WSPGetOverlappedResult") == 0, 0};

    if (call.gives_socket) {
        answer.value = (INT_PTR)client.lpWPUCreateSocketHandle(catalog_entry, 0, &answer.error);
    } else if (strcmp(call.name, "WSPCloseSocket") == 0) {
        answer.value = client.lpWPUCloseSocketHandle(call.socket, &answer.error);
    }
    return answer;
}

static int start(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info, WSPUPCALLTABLE upcalls,
                 LPWSPPROC_TABLE table)
{
    (void)version;
    catalog_entry = info->dwCatalogEntryId;
    client = upcalls;
    return every_start(data, table, answer);
}

const struct degenerate degenerate = {
    .kind = HOLLOW,
    .what = "sockets have handles from the upcalls, everything succeeds, and nothing is behind it",
    .verdict = "non-conforming",
    .start = start,
};
