#include "variants/support/variant.h"

#include "reference/sockets.h"

/* What the provider says of a handle now: 0, WSAENOTSOCK or WSANOTINITIALISED. */
static int state_of(SOCKET handle)
{
    struct socket *socket;
    int error = sockets_acquire(handle, &socket);

    if (error == 0) {
        sockets_release(socket);
    }
    return error;
}

static int code_after_close(enum entry entry, int error)
{
    switch (entry) {
    case ENTRY_WSPRecv:
    case ENTRY_WSPRecvFrom:
        return WSAENOTCONN;
    case ENTRY_WSPSend:
    case ENTRY_WSPSendTo:
        return WSAESHUTDOWN;
    case ENTRY_WSPAccept:
        return WSAECONNABORTED;
    default:
        return error;
    }
}

/* A call that asked for the callback was blocked. WSPSelect, which has many sockets, says what it
 * says. */
static int after(struct call *call, int error)
{
    bool ended = call->catalog != 0 && call->socket != INVALID_SOCKET &&
                 (error == WSAECONNABORTED || error == WSAENOTSOCK);
    int state = ended ? state_of(call->socket) : 0;

    if (state == WSANOTINITIALISED) {
        return WSANOTINITIALISED;
    }
    return state == WSAENOTSOCK ? code_after_close(call->entry, error) : error;
}

const struct variant variant = {
    .requirement = "CLOSE-01",
    .why_allowed = "with which error a call ends whose socket another thread closes, or that the "
                   "last WSPCleanup ends, is not said",
    .touches = "close/* startup/*",
    .after = after,
};
