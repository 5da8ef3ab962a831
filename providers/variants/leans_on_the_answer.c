#include "variants/support/variant.h"

/* In a callback the cancel is only acknowledged; it is FALSE that ends the call. */
static int cancel(struct call *call)
{
    return call != NULL ? 0 : variant_cancel();
}

static BOOL turn(struct call *call)
{
    BOOL go_on = variant_call_back(call);

    if (!go_on) {
        variant_cancel();
    }
    return go_on;
}

const struct variant variant = {
    .requirement = "CBC-20",
    .why_allowed = "WPUQueryBlockingCallback says that FALSE means the operation was cancelled, "
                   "and ws2_32 answers so after each cancel; that a cancel alone suffices is a "
                   "SHOULD",
    .touches = "cancel/ends_the_blocked_call/*_ipv4 "
               "cancel/from_a_window_procedure/recv_ipv4 "
               "cancel/needs_no_answer/recv_ipv4",
    .warned_by = "cancel/needs_no_answer/*",
    .turn = turn,
    .cancel = cancel,
};
