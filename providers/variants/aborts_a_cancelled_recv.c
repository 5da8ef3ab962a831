#include "variants/support/variant.h"

static int after(struct call *call, int error)
{
    if (call->entry == ENTRY_WSPRecv && error == WSAEINTR && socket_is_stream(call->socket)) {
        abort_socket(call->socket);
    }
    return error;
}

const struct variant variant = {
    .requirement = "STREAM-06",
    .why_allowed = "a cancel of anything but accept and select may leave the socket in an "
                   "indeterminate state (S17), and resetting the connection is what S21 asks for "
                   "where its integrity is in doubt",
    .touches = "recv/* stream/* linger/* close/* cancel/*recv*",
    .after = after,
};
