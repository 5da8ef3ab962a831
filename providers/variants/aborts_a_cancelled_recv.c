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
    .touches = "recv/*_ipv4 recv/*/ipv4 linger/resets_after_a_cancel/*_ipv4 "
               "close/gives_the_handle_up/recv_ipv4 "
               "sticky/cancel_spares_the_next_call/recv_then_recv_ipv4 "
               "thread/cancel_beside_a_shared_receive/recv_ipv4",
    .after = after,
};
