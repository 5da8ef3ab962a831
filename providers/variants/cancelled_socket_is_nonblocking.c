#include "variants/support/variant.h"

/*
 * The provider tries without blocking, and a cancelled call leaves without putting the mode back.
 */
static void set_mode(SOCKET s, u_long nonblocking)
{
    DWORD returned;
    int error;

    reference.lpWSPIoctl(s, (DWORD)FIONBIO, &nonblocking, sizeof nonblocking, NULL, 0, &returned,
                         NULL, NULL, NULL, &error);
}

static bool leaves_its_mode(const struct call *call)
{
    return call->entry == ENTRY_WSPRecv || call->entry == ENTRY_WSPRecvFrom ||
           call->entry == ENTRY_WSPSend || call->entry == ENTRY_WSPSendTo ||
           call->entry == ENTRY_WSPIoctl;
}

/* Its handle may be one that the last WSPCleanup closed. */
static bool opens_a_socket(const struct call *call)
{
    return call->entry == ENTRY_WSPSocket || call->entry == ENTRY_WSPAccept;
}

/* Closing works as ever: a lingering close of such a socket is not refused either. */
static int before(struct call *call)
{
    if (call->entry == ENTRY_WSPCloseSocket && mark_of_socket(call->socket) != 0) {
        mark_socket(call->socket, 0);
        set_mode(call->socket, 0);
    }
    return 0;
}

static int after(struct call *call, int error)
{
    if (error == 0 && opens_a_socket(call)) {
        mark_socket((SOCKET)call->returned, 0);
    }
    if (error == WSAEINTR && leaves_its_mode(call)) {
        mark_socket(call->socket, 1);
        set_mode(call->socket, 1);
    }
    return error;
}

const struct variant variant = {
    .requirement = "PCS-01",
    .why_allowed = "cancelling anything but an accept or a select can leave the socket in an "
                   "indeterminate state (S17), on which other operations than closing may or may "
                   "not work (S18): what would wait is told to come again",
    .touches = "sticky/two_cancels_spare_the_next_call/recv_ipv4 "
               "cancel/ends_the_blocked_call/recv_ipv4 recv/*/ipv4*",
    .before = before,
    .after = after,
};
