#include "flawed/support/layer.h"

static LPWPUQUERYBLOCKINGCALLBACK first;

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    if (first == NULL) {
        first = upcalls->lpWPUQueryBlockingCallback;
    }
    upcalls->lpWPUQueryBlockingCallback = first;
}

const struct flaw flaw = {
    .requirement = "STARTUP-05",
    .what = "after another start-up the blocking callback is still asked for through the first "
            "upcall table",
    .caught_by = "startup/latest_upcalls_are_used/recv_* startup/latest_upcalls_are_used/accept_*",
    .change_upcalls = change_upcalls,
};
