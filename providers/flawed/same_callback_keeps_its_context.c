#include "flawed/support/layer.h"

static __thread LPBLOCKINGCALLBACK known;
static __thread DWORD_PTR known_context;

static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        if (*callback == known) {
            *context = known_context;
        }
        known = *callback;
        known_context = *context;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-03",
    .what = "a thread's blocking callback keeps the context it first had until the function is "
            "another one",
    .caught_by = "callback/gets_its_context/*",
    .change_upcalls = change_upcalls,
};
