#include "variants/support/variant.h"

static int after(struct call *call, int error)
{
    int ignored;

    if (call->entry == ENTRY_WSPSocket && error == 0 && !socket_is_stream((SOCKET)call->returned)) {
        reference.lpWSPCloseSocket((SOCKET)call->returned, &ignored);
        return WSAESOCKTNOSUPPORT;
    }
    return error;
}

const struct variant variant = {
    .requirement = "STARTUP-01",
    .why_allowed = "a provider has the protocols that it has",
    .touches = "startup/* cancel/ends_the_blocked_call/recv*_ipv4 "
               "select/sockets_still_work/ipv4",
    .after = after,
};
