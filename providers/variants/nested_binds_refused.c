#include "variants/support/variant.h"

/* Of what a callback calls, only what sets a socket up would disturb the blocked call. */
static int before(struct call *call)
{
    bool sets_up = call->entry == ENTRY_WSPBind || call->entry == ENTRY_WSPConnect ||
                   call->entry == ENTRY_WSPSocket;

    return sets_up && variant_call_in_callback() != NULL ? WSAEINPROGRESS : 0;
}

const struct variant variant = {
    .requirement = "NOBLOCK-04",
    .why_allowed = "nearly each page lists WSAEINPROGRESS for itself: a provider that refuses some "
                   "calls in the blocking callback need not refuse all",
    .touches = "nested/what_never_waits_works/* nested/connect_in_the_callback/*_ipv4 "
               "nested/refusal_ends_with_the_call/recv_*_ipv4 nested/calls_are_carried_out/* "
               "nested/blocked_call_is_unharmed/recv_ipv4",
    .warned_by = "nested/calls_are_carried_out/*",
    .before = before,
};
