#include "flawed/support/layer.h"

#include <stddef.h>
#include <string.h>

enum { LONG_MS = 100 };

static __thread LPBLOCKINGCALLBACK callback;
static __thread bool lost;

/* The time that is left is a number without a sign, and the callback's duration is taken off it. */
static BOOL CALLBACK measure(DWORD_PTR context)
{
    ULONGLONG began = GetTickCount64();
    BOOL answer = callback(context);

    lost = lost || GetTickCount64() - began > LONG_MS;
    return answer;
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, &callback, context, error);

    lost = false;
    *function = returned == 0 && callback != NULL ? measure : NULL;
    return returned;
}

static int WSPAPI select_loses_it(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                                  const PTIMEVAL timeout, LPINT error)
{
    fd_set sets[3];
    fd_set *given[3] = {to_read, to_write, to_except};
    bool kept[3];
    int returned;

    for (int i = 0; i < 3; i++) {
        kept[i] = given[i] != NULL && given[i]->fd_count <= FD_SETSIZE;
        if (kept[i]) {
            memcpy(&sets[i], given[i],
                   offsetof(fd_set, fd_array) + given[i]->fd_count * sizeof(SOCKET));
        }
    }
    returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    if (returned != 0 || timeout == NULL || !lost) {
        return returned;
    }
    for (int i = 0; i < 3; i++) {
        if (kept[i]) {
            memcpy(given[i], &sets[i],
                   offsetof(fd_set, fd_array) + sets[i].fd_count * sizeof(SOCKET));
        }
    }
    return reference.lpWSPSelect(count, to_read, to_write, to_except, NULL, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_loses_it;
}

const struct flaw flaw = {
    .requirement = "BHK-15",
    .what = "a callback that takes longer than the timeout of a WSPSelect makes it endless",
    .caught_by = "callback/slow_one_only_delays/select_times_out_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
