#include "harness/prompt.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(send, WSPSend, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 6, AF_INET6),
    {.name = NULL},
};

/*
 * LINGER-04 (WSPCancelBlockingCall: S20): a client that wants the connection to be reset after a
 * cancel can say so before, when every option still has to be taken; the cancel does not make that
 * undone.
 */
static void zero_set_before_still_resets(const struct case_row *row)
{
    /* A connection with a linger time of zero, whose peer can tell a reset from a graceful end. */
    struct client *t1 = client_start("T1");
    struct stage *stage;
    enum peer_end end;
    peer_control(row->family);
    stage = arrange_blocked(row->function, row->family);
    require_linger(stage->socket, true, 0);

    /* T1 blocks in the call; its callback cancels, and the socket is closed. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    if (!expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled call", stage->socket)) {
        return;
    }

    /* The peer sees a reset. */
    end = peer_end(stage->peer, settings.budgets.data);
    expect_that(SHOULD("LINGER-04"), end == PEER_RESET,
                "what the peer sees after a linger time of zero, a cancelled call, and "
                "WSPCloseSocket",
                peer_end_text(PEER_RESET), "%s", peer_end_text(end));
}

CASE(linger, zero_set_before_still_resets) = {
    .run = zero_set_before_still_resets,
    .function = SPI_WSPCloseSocket,
    .requirements = "LINGER-04 PCS-02",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "sets a linger time of zero, cancels a blocked call, and closes",
    .must = "the peer sees a reset of the connection",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
