#include "harness/case.h"

/* What became of the connection if the connect was cancelled all the same. */
static void expect_ended(struct stage *stage, struct peer *peer)
{
    if (expect_closes(resting_on(MUST("PCS-02"), gate_of_close_after(SPI_WSPConnect)),
                      "WSPCloseSocket after a cancelled WSPConnect", stage->socket)) {
        expect_ended_for_peer(MUST("CONNECT-06"),
                              "what the peer sees of a connection whose connect was cancelled and "
                              "whose socket was closed",
                              peer, settings.budgets.data);
    }
}

/*
 * CONNECT-10 (WSPCancelBlockingCall: S23): a connect that comes through as it is cancelled may
 * still return 0, and then it is as if it had never been cancelled: the connection is there, and
 * carries bytes. If it was cancelled, there is no connection, and its peer sees that (CONNECT-06).
 */
static void comes_through_in_the_callback(const struct case_row *row)
{
    /* A socket, and a listener that answers no further connect. */
    struct stage *stage = arrange_stalled_connect(row->family);
    struct client *t1 = client_start("T1");
    struct peer *peer;

    /* T1 blocks in WSPConnect; its callback holds still before it cancels. */
    struct blocked_call *call = start_call(t1, &stage->operation, held_before(TRIES_TO_CANCEL));
    prove_held(call);

    /* The listener makes room; once the connection is there the callback goes on. */
    peer = stalled_connect_arrives(stage);
    require_holds(NEEDED("environment"), peer != NULL,
                  "a stalled connect whose listener has room again", "it comes through",
                  "it does not within %lu ms", settings.budgets.data);
    let_go(call);
    if (!join_raced(call, true, MUST("CONNECT-10"), ONE_OF(RETURNS(0), FAILS_WITH(WSAEINTR)))) {
        return;
    }

    /* Connected, it carries bytes; cancelled, it ends. */
    record_choice("WSPConnect %s when the connection comes through in the cancelling callback",
                  call_outcome(call).failed ? "is cancelled" : "still returns 0");
    if (call_outcome(call).failed) {
        expect_ended(stage, peer);
    } else {
        expect_echo(MUST("CONNECT-10"), "over the connection that came through in the callback",
                    stage->socket, peer);
    }
}

CASE(connect, comes_through_in_the_callback) = {
    .run = comes_through_in_the_callback,
    .function = SPI_WSPConnect,
    .requirements = "CONNECT-10 CONNECT-06",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets a stalled WSPConnect come through inside the callback that cancels it",
    .must = "it returns 0 and is connected, or fails with WSAEINTR and the connection ends",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .awaits_syn = true,
    .rests_on = "cancel/ends_the_blocked_call/connect_ipv4",
    .rows = BOTH_FAMILIES(WSPConnect),
};
