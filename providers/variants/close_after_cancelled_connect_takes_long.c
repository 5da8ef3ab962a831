#include "variants/support/variant.h"

enum { CLOSE_MS = 200 };

static int before(struct call *call)
{
    if (call->entry == ENTRY_WSPCloseSocket && mark_of_socket(call->socket) != 0) {
        mark_socket(call->socket, 0);
        Sleep(CLOSE_MS);
    }
    return 0;
}

static int after(struct call *call, int error)
{
    if (call->entry == ENTRY_WSPConnect && error == WSAEINTR) {
        mark_socket(call->socket, 1);
    }
    return error;
}

const struct variant variant = {
    .requirement = "CONNECT-02",
    .why_allowed = "closing after a cancelled connect has to work, and not to wait for the "
                   "connect's time-out; a moment of tidying up is neither",
    .touches = "connect/*/ipv4* close/*/connect_ipv4*",
    .before = before,
    .after = after,
};
