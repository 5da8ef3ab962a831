#include "flawed/support/layer.h"

/* Room comes soon, it is thought, and nobody will want to cancel that. */
static __thread bool for_room;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    if (for_room) {
        *callback = NULL;
        *context = 0;
        return 0;
    }
    return client.lpWPUQueryBlockingCallback(entry, callback, context, error);
}

static bool has_sockets(const fd_set *set)
{
    return set != NULL && set->fd_count > 0;
}

static int WSPAPI select_alone(int count, fd_set *to_read, fd_set *to_write, fd_set *to_except,
                               const PTIMEVAL timeout, LPINT error)
{
    int returned;

    for_room = has_sockets(to_write) && !has_sockets(to_read);
    returned = reference.lpWSPSelect(count, to_read, to_write, to_except, timeout, error);
    for_room = false;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPSelect = select_alone;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "a WSPSelect that waits for room to write, and for nothing to read, calls nobody back",
    .caught_by = "callback/is_called_while_blocked/select_to_write_ipv4",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
