#include "variants/support/variant.h"

enum { HOLD_OFF_MS = 500 };

static BOOL turn(struct call *call)
{
    return GetTickCount64() - call->entered < HOLD_OFF_MS ? TRUE : variant_call_back(call);
}

const struct variant variant = {
    .requirement = "BHK-01",
    .why_allowed = "nothing says when the callback is first called; one known stack holds it off "
                   "for half a second, in case the call ends by itself",
    .touches = "callback/is_called_while_blocked/recv_ipv4 "
               "race/only_a_cancel_interrupts/*_times_out_ipv4 "
               "cancel/ends_the_blocked_call/accept_ipv4",
    .turn = turn,
};
