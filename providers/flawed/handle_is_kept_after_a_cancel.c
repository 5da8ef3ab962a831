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

static int WSPAPI keep_handle(SOCKET s, LPINT error)
{
    return cancelled ? 0 : client.lpWPUCloseSocketHandle(s, error);
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUCloseSocketHandle = keep_handle;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "PCS-03",
    .what = "after a cancelled call, closing never gives the socket's handle back",
    .caught_by = "close/gives_the_handle_up/connect_ipv4 close/gives_the_handle_up/send_*",
    .change_upcalls = change_upcalls,
    .change_table = change_table,
};
