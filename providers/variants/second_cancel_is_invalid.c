#include "variants/support/variant.h"

static int cancel(struct call *call)
{
    return call != NULL && call->cancelled ? WSAEINVAL : variant_cancel();
}

const struct variant variant = {
    .requirement = "CBC-19",
    .why_allowed = "whether a call that was cancelled but has not returned is still outstanding is "
                   "not said; ws2_32 hands no second cancel down",
    .touches = "sticky/two_cancels_spare_the_next_call/recv_ipv4 "
               "cancel/from_a_window_procedure/recv_ipv4 "
               "cancel/twice_in_one_callback/accept_ipv4 "
               "thread/cancel_ends_its_own_call/recv_beside_recv_ipv4",
    .cancel = cancel,
};
