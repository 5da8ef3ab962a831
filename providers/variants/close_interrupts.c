#include "variants/support/variant.h"

/*
 * A call that another thread ends by closing the socket says WSAEINTR, as on Windows. Turns are
 * counted to tell it from a call on what never was a socket.
 */
static int after(struct call *call, int error)
{
    bool can_be_closed = call->entry == ENTRY_WSPAccept || call->entry == ENTRY_WSPRecvFrom ||
                         call->entry == ENTRY_WSPSelect || call->entry == ENTRY_WSPConnect;

    return can_be_closed && call->turns > 0 && error == WSAENOTSOCK ? WSAEINTR : error;
}

const struct variant variant = {
    .requirement = "ACCEPT-14",
    .why_allowed = "the code of a call that ends because its socket was closed is not said; "
                   "Windows' own accept and recvfrom answer WSAEINTR",
    .touches = "close/gives_the_handle_up/recvfrom_ipv4 "
               "race/only_a_cancel_interrupts/accept_completes_ipv4",
    .after = after,
    .turns_without_callback = true,
};
