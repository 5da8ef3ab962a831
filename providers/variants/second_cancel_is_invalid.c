#include "variants/support/variant.h"

static int cancel(struct call *call)
{
    return call != NULL && call->cancelled ? WSAEINVAL : variant_cancel();
}

const struct variant variant = {
    .requirement = "CBC-19",
    .why_allowed = "whether a call that was cancelled but has not returned is still outstanding is "
                   "not said; ws2_32 hands no second cancel down",
    .touches = "cancel/* messages/* sticky/* thread/*",
    .cancel = cancel,
};
