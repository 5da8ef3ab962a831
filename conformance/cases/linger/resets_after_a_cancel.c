#include "harness/case.h"

/*
 * LINGER-01 (WSPCancelBlockingCall: S20; K11): after a cancelled call the client can reset the
 * connection, by a linger time of zero and WSPCloseSocket. A provider that takes the option has to
 * keep it; one that does not (S18) should have reset the connection all the same.
 */
static void resets_after_a_cancelled_recv(const struct case_row *row)
{
    /* A connection whose peer never sends, and can tell a reset from a graceful end. */
    struct linger zero = {.l_onoff = 1, .l_linger = 0};
    struct client *t1 = client_start("T1");
    struct outcome option;
    struct stage *stage;
    enum peer_end end;
    peer_control(row->family);
    stage = arrange_blocked(SPI_WSPRecv, row->family);

    /* T1 blocks in WSPRecv; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The client asks for a reset, and closes. */
    option = spi_set_option(stage->socket, SOL_SOCKET, SO_LINGER, &zero, sizeof zero);
    if (!expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPRecv", stage->socket)) {
        return;
    }

    /* The peer sees one. */
    end = peer_end(stage->peer, settings.budgets.data);
    expect_that(option.failed ? SHOULD("LINGER-01") : MUST("LINGER-01"), end == PEER_RESET,
                option.failed ? "what the peer sees after a cancelled WSPRecv, a linger time of "
                                "zero that was refused, and WSPCloseSocket"
                              : "what the peer sees after a cancelled WSPRecv, a linger time of "
                                "zero, and WSPCloseSocket",
                peer_end_text(PEER_RESET), "%s", peer_end_text(end));
}

CASE(linger, resets_after_a_cancelled_recv) = {
    .run = resets_after_a_cancelled_recv,
    .function = SPI_WSPCloseSocket,
    .requirements = "LINGER-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPRecv, sets a linger time of zero, and closes",
    .must = "the peer sees a reset of the connection",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = BOTH_FAMILIES(WSPRecv),
};
