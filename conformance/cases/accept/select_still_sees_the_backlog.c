#include "harness/case.h"

/*
 * ACCEPT-09 (WSPCancelBlockingCall: S15, S16; WSPSelect): after a cancelled accept, select tells
 * of the listener what it told before: it is not readable while its backlog is empty, and readable
 * when a connection waits there.
 */
static void select_still_sees_the_backlog(const struct case_row *row)
{
    /* A listener with an empty backlog, of which select says so. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");

    if (!expect_readable(NEEDED("provider"), "WSPSelect on a listener with an empty backlog",
                         stage->socket, false)) {
        return;
    }

    /* T1 blocks in WSPAccept; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The listener is not readable. */
    expect_readable(MUST("ACCEPT-09"), "WSPSelect on the listener after a cancelled accept",
                    stage->socket, false);

    /* A peer connects, and it is. */
    connection_arrives(stage);
    if (expect_becomes_readable(MUST("ACCEPT-09"),
                                "WSPSelect on the listener when a connection has come",
                                stage->socket)) {
        expect_readable(MUST("ACCEPT-09"), "WSPSelect on the listener while the connection waits",
                        stage->socket, true);
    }
}

CASE(accept, select_still_sees_the_backlog) = {
    .run = select_still_sees_the_backlog,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-09",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPAccept, then asks WSPSelect about the listener",
    .must = "it is readable if and only if a connection waits in its backlog",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
