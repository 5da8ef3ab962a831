#include "flawed/support/layer.h"

static volatile LONG cancelled;

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    if (returned == 0) {
        cancelled = 1;
    }
    return returned;
}

static int WSPAPI close_handle(SOCKET s, LPINT error)
{
    int ignored;

    if (cancelled) {
        client.lpWPUCloseSocketHandle(s, &ignored);
    }
    return client.lpWPUCloseSocketHandle(s, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCloseSocketHandle = close_handle;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "PCS-03",
    .what = "after a cancelled call, closing gives the socket's handle back twice",
    .caught_by = "close/gives_the_handle_up/connect_ipv4 close/gives_the_handle_up/recvfrom_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
