#include "variants/support/variant.h"

enum { PERIOD_MS = 50 };

/* When the client's callback last ran, in milliseconds; a call that just began has had none. */
static BOOL turn(struct call *call)
{
    ULONGLONG now = GetTickCount64();

    if (now - call->since < PERIOD_MS) {
        return TRUE;
    }
    call->since = now;
    return variant_call_back(call);
}

const struct variant variant = {
    .requirement = "BHK-02",
    .why_allowed = "WPUQueryBlockingCallback says periodically, and names no period",
    .touches = "callback/is_called_again_and_again/recv_ipv4 "
               "callback/is_not_called_when_ready/recv_ipv4 "
               "accept/survives_many_cancels/ipv4",
    .turn = turn,
};
