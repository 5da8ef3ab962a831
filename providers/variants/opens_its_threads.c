#include "variants/support/variant.h"

static __thread WSATHREADID opened;

/* Of the outermost call of a thread, which is the one that may have to be woken. */
static int before(struct call *call)
{
    int error;

    if (call->outer == NULL) {
        client.lpWPUOpenCurrentThread(&opened, &error);
    }
    return 0;
}

static int after(struct call *call, int error)
{
    int ignored;

    if (call->outer == NULL) {
        client.lpWPUCloseThread(&opened, &ignored);
    }
    return error;
}

const struct variant variant = {
    .requirement = "UPC-04",
    .why_allowed = "a provider may open the thread of a call by WPUOpenCurrentThread, if it closes "
                   "it by WPUCloseThread",
    .touches = "upcall/threads_are_closed/* cancel/ends_the_blocked_call/recv_ipv4",
    .before = before,
    .after = after,
};
