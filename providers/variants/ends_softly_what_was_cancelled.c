#include "variants/support/spent.h"

/*
 * After a cancelled receive or send, which has hurt nothing, the provider ends the connection as if
 * the client had shut it down, and refuses all that is asked of the socket but to close it: the
 * setting of SO_LINGER, too, for what is to be reset has ended.
 */
static int refuse_spent(struct call *call)
{
    return spent_before(call, WSAENOTCONN);
}

static int end_softly(struct call *call, int error)
{
    bool spent = mark_of_socket(call->socket) != 0;
    int ignored;

    error = spent_after(call, error);
    if (!spent && mark_of_socket(call->socket) != 0 && socket_is_stream(call->socket) &&
        !socket_is_aborted(call->socket)) {
        reference.lpWSPShutdown(call->socket, SD_BOTH, &ignored);
    }
    return error;
}

const struct variant variant = {
    .requirement = "PCS-01",
    .why_allowed = "a cancel of anything but accept and select may leave the socket indeterminate "
                   "(S17), with nothing but WSPCloseSocket to be relied upon (S18), and its peer "
                   "may see the end (STREAM-07)",
    .touches = "cancel/* close/* recv/* send/* stream/* linger/*",
    .warned_by = "linger/resets_after_a_cancel/recv_* linger/resets_after_a_cancel/send_*",
    .before = refuse_spent,
    .after = end_softly,
};
