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
    .touches = "callback/* cancel/*",
    .turn = turn,
};
