#include "flawed/support/layer.h"

#include <stdlib.h>

/* The callback that the thread had last. */
struct hook {
    LPBLOCKINGCALLBACK callback;
    DWORD_PTR context;
};

static DWORD slot = TLS_OUT_OF_INDEXES;

static struct hook *this_thread(void)
{
    struct hook *hook = TlsGetValue(slot);

    if (hook == NULL) {
        hook = calloc(1, sizeof *hook);
        TlsSetValue(slot, hook);
    }
    return hook;
}

/* NULL is taken for "nothing new". */
static int WSPAPI query(DWORD entry, LPBLOCKINGCALLBACK *callback, PDWORD_PTR context, LPINT error)
{
    struct hook *hook = this_thread();
    int returned = client.lpWPUQueryBlockingCallback(entry, callback, context, error);

    if (returned == 0 && *callback != NULL) {
        hook->callback = *callback;
        hook->context = *context;
    } else if (returned == 0) {
        *callback = hook->callback;
        *context = hook->context;
    }
    return returned;
}

static void change_upcalls(WSPUPCALLTABLE *upcalls)
{
    if (slot == TLS_OUT_OF_INDEXES) {
        slot = TlsAlloc();
    }
    upcalls->lpWPUQueryBlockingCallback = query;
}

const struct flaw flaw = {
    .requirement = "BHK-06",
    .what = "a blocking callback that the thread no longer has is invoked still",
    .caught_by = "callback/withdrawn_one_is_not_called/*",
    .change_upcalls = change_upcalls,
};
