#include "flawed/support/layer.h"

/* What was asked for last, by whatever thread. */
static LPBLOCKINGCALLBACK volatile latest;
static DWORD_PTR volatile latest_context;

static BOOL CALLBACK call_latest(DWORD_PTR context)
{
    (void)context;
    return latest(latest_context);
}

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        latest_context = *context;
        latest = *callback;
        *callback = call_latest;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-06",
    .what = "all threads call the blocking callback that was asked for last",
    .caught_by = "callback/belongs_to_its_thread/connect_ipv4"
                 " callback/belongs_to_its_thread/select_ipv4"
                 " callback/belongs_to_its_thread/recvfrom_ipv4"
                 " callback/belongs_to_its_thread/accept_ipv6"
                 " callback/belongs_to_its_thread/recv_ipv6",
    .change_upcalls = change_upcalls,
};
