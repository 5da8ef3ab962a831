#include "flawed/support/layer.h"

/* The thread's first answer, kept for good. */
static __thread LPBLOCKINGCALLBACK first;
static __thread DWORD_PTR first_context;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && first == NULL) {
        first = *callback;
        first_context = *context;
    }
    *callback = first;
    *context = first_context;
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-06",
    .what = "a thread goes on with the first blocking callback it had",
    .caught_by = "callback/belongs_to_its_thread/connect_*"
                 " callback/belongs_to_its_thread/accept_ipv4"
                 " callback/belongs_to_its_thread/recv_ipv4"
                 " callback/belongs_to_its_thread/select_ipv6"
                 " callback/belongs_to_its_thread/recvfrom_ipv6",
    .change_upcalls = change_upcalls,
};
