#include "flawed/support/layer.h"

static __thread bool is_closing;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *function, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, function, context, error);

    if (is_closing) {
        *function = NULL;
    }
    return returned;
}

static int WSPAPI close_socket(SOCKET s, LPINT error)
{
    int returned;

    is_closing = true;
    returned = reference.lpWSPCloseSocket(s, error);
    is_closing = false;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_socket;
}

const struct flaw flaw = {
    .requirement = "BHK-01",
    .what = "a WSPCloseSocket that lingers calls nobody back",
    .caught_by = "callback/is_called_in_rarer_waits/lingering_close_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
