#include "variants/support/variant.h"

/* A WSPIoctl that waits does so natively, whatever callback the thread has. */
static BOOL turn(struct call *call)
{
    return call->entry == ENTRY_WSPIoctl ? TRUE : variant_call_back(call);
}

const struct variant variant = {
    .requirement = "BHK-01",
    .why_allowed = "that a WSPIoctl calls back while it waits is advice; it ends all the same when "
                   "its socket is closed, or at the last clean-up",
    .touches = "close/ends_the_call_of_another_thread/ioctl_* "
               "startup/last_clean_up_ends_blocked_calls/ioctl_*",
    .turn = turn,
};
