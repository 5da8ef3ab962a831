#include "harness/case.h"

/*
 * ACCEPT-12 (WSPCancelBlockingCall: S15): a connection that was accepted from a listener earlier
 * goes on as if nothing had happened while a later accept on that listener is cancelled.
 */
static void earlier_connections_are_unharmed(const struct case_row *row)
{
    /* A connection accepted from a listener, which carries bytes both ways. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct peer *peer = connection_arrives(stage);
    struct spi_socket *earlier =
        expect_accepts(NEEDED("provider"), "WSPAccept of a connection", stage->socket);
    struct blocked_call *call;

    if (earlier == NULL || !expect_echo(NEEDED("provider"), "before the cancel", earlier, peer)) {
        return;
    }

    /* T1 blocks in the next WSPAccept; its callback has cancelled, and holds still. */
    call = start_call(t1, &stage->operation, held_after(CANCELS_AT(1)));
    prove_held(call);

    /* The connection carries bytes meanwhile. */
    expect_echo(MUST("ACCEPT-12"), "over the earlier connection, during the cancel", earlier, peer);
    let_go(call);
    require_cancelled(call);

    /* And it does afterwards. */
    expect_echo(MUST("ACCEPT-12"), "over the earlier connection, after the cancel", earlier, peer);
}

CASE(accept, earlier_connections_are_unharmed) = {
    .run = earlier_connections_are_unharmed,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-12",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPAccept on a listener that has given a connection before",
    .must = "the connection carries bytes both ways before, during and after the cancel",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
