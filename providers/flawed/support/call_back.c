#include "flawed/support/call_back.h"

enum { A_MOMENT_MS = 20 };

static DWORD entry_id;

int start_to_call_back(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                       WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table)
{
    entry_id = info->dwCatalogEntryId;
    return layer_startup(version, data, info, upcalls, table);
}

void call_back_once(void)
{
    LPBLOCKINGCALLBACK callback = NULL;
    DWORD_PTR context = 0;
    int ignored;

    if (client.lpWPUQueryBlockingCallback(entry_id, &callback, &context, &ignored) == 0 &&
        callback != NULL) {
        callback(context);
    }
}

bool has_unsent_data(SOCKET s)
{
    fd_set writable = {.fd_count = 1, .fd_array = {s}};
    struct timeval now = {0, 0};
    int ignored;

    return reference.lpWSPSelect(0, NULL, &writable, NULL, &now, &ignored) == 0;
}

void wait_until_sent(SOCKET s, DWORD longest)
{
    ULONGLONG until = GetTickCount64() + longest;

    while (has_unsent_data(s) && GetTickCount64() < until) {
        Sleep(A_MOMENT_MS);
    }
}

struct linger linger_of(SOCKET s)
{
    struct linger linger = {0, 0};
    int size = sizeof linger;
    int ignored;

    if (reference.lpWSPGetSockOpt(s, SOL_SOCKET, SO_LINGER, (char *)&linger, &size, &ignored) !=
        0) {
        linger.l_onoff = 0;
    }
    return linger;
}
