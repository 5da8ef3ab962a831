#include "variants/support/variant.h"

/* A close that is cancelled has closed all the same, and given up what was unsent. */
static int after(struct call *call, int error)
{
    struct linger zero = {1, 0};
    int ignored;

    if (call->entry == ENTRY_WSPCloseSocket && error == WSAEINTR) {
        reference.lpWSPSetSockOpt(call->socket, SOL_SOCKET, SO_LINGER, (const char *)&zero,
                                  sizeof zero, &ignored);
        reference.lpWSPCloseSocket(call->socket, &ignored);
    }
    return error;
}

const struct variant variant = {
    .requirement = "CLOSE-06",
    .why_allowed = "whether the handle is still valid after a cancelled WSPCloseSocket is open",
    .touches = "close/lingering_one_can_be_cancelled/*",
    .after = after,
};
