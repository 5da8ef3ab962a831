#include "harness/case.h"

/*
 * CONNECT-02 (WSPCancelBlockingCall: S18): after a cancelled WSPConnect the socket can be closed,
 * and closing it does not wait for what the transport still has under way.
 */
static void closes_after_a_cancel(const struct case_row *row)
{
    /* A socket with default linger settings, and a listener that answers no further connect. */
    struct stage *stage = arrange_blocked(SPI_WSPConnect, row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPConnect; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* Nothing has answered the connect yet, and the socket closes all the same. */
    expect_closes(MUST("CONNECT-02"), "WSPCloseSocket after a cancelled WSPConnect", stage->socket);
}

CASE(connect, closes_after_a_cancel) = {
    .run = closes_after_a_cancel,
    .function = SPI_WSPConnect,
    .requirements = "CONNECT-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "closes a socket after a stalled WSPConnect on it was cancelled",
    .must = "WSPCloseSocket returns 0 and does not wait for the transport to give up",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/connect_ipv4",
    .rows = BOTH_FAMILIES(WSPConnect),
};
