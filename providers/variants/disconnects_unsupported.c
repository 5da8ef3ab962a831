#include "variants/support/variant.h"

static int before(struct call *call)
{
    return call->entry == ENTRY_WSPSendDisconnect || call->entry == ENTRY_WSPRecvDisconnect
               ? WSAEOPNOTSUPP
               : 0;
}

const struct variant variant = {
    .requirement = "NOBLOCK-02",
    .why_allowed = "the pages of WSPSendDisconnect and WSPRecvDisconnect list WSAEOPNOTSUPP, for "
                   "providers that lack them",
    .touches = "nonblocking/disconnect_never_waits/*_ipv4 "
               "callback/is_not_called_by_what_cannot_block/full_connection_ipv4 "
               "stream/damaged_one_refuses_calls/*_ipv4",
    .before = before,
};
