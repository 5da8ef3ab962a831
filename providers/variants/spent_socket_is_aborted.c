#include "variants/support/spent.h"

static int before(struct call *call)
{
    return spent_before(call, WSAECONNABORTED);
}

const struct variant variant = {
    .requirement = "PCS-01",
    .why_allowed = "after a cancel of anything but accept and select, closing is the only thing "
                   "that a client can rely on (S18)",
    .touches =
        "close/*/send_ipv4* recv/leaves_its_memory_alone/ipv4 linger/resets_after_a_cancel/*_ipv4",
    .warned_by = "linger/resets_after_a_cancel/recv_* linger/resets_after_a_cancel/send_*",
    .before = before,
    .after = spent_after,
};
