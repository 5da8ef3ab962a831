#include "variants/support/variant.h"

static BOOL turn(struct call *call)
{
    int error;

    if (client.lpWPUQueryBlockingCallback(call->catalog, &call->callback, &call->context, &error) !=
            0 ||
        call->callback == NULL) {
        return TRUE;
    }
    return variant_call_back(call);
}

const struct variant variant = {
    .requirement = "BHK-01",
    .why_allowed = "how often the callback is asked for is not said",
    .touches = "callback/belongs_to_its_thread/recv_ipv4 "
               "callback/is_asked_for_by_its_entry/recv_ipv4* "
               "callback/gets_its_context/recv_ipv4*",
    .turn = turn,
};
