#include "variants/support/variant.h"

static int before(struct call *call)
{
    (void)call;
    return variant_call_in_callback() != NULL ? WSAEINPROGRESS : 0;
}

const struct variant variant = {
    .requirement = "REENT-01",
    .why_allowed = "a call made in a blocking callback may fail with WSAEINPROGRESS, as nearly "
                   "each page lists it; only the cancel may not",
    .touches = "cancel/from_a_window_procedure/recv_ipv4 "
               "callback/belongs_to_its_thread/recv_ipv4 "
               "accept/earlier_connections_are_unharmed/ipv4 "
               "nested/what_never_waits_works/recv_* nested/connect_in_the_callback/*_in_recv_ipv4 "
               "nested/refusal_ends_with_the_call/recv_*_ipv4 nested/calls_are_carried_out/* "
               "nested/failure_keeps_its_own_code/recv_*",
    .warned_by = "nested/calls_are_carried_out/*",
    .before = before,
};
