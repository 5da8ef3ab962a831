#include "harness/case.h"

enum { CONNECTIONS = 3 };

static void connections_arrive(struct stage *stage)
{
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        numbered_connection_arrives(stage);
    }
}

/* Accepts what arrived, from `number` on; `first` is what an accept returned already, or NULL. */
static bool expect_in_order(struct demand demand, struct stage *stage, unsigned number,
                            struct spi_socket *first)
{
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        struct spi_socket *accepted =
            i == 0 && first != NULL ? first : expect_accepts(demand, "WSPAccept", stage->socket);
        if (accepted == NULL || !expect_arrival(demand, accepted, number + i)) {
            return false;
        }
    }
    return true;
}

/*
 * ACCEPT-04 (WSPCancelBlockingCall: S16, S22; WSPAccept): several connections in the backlog of a
 * listener keep their number and their order when an accept on it is cancelled. The cancelled
 * accept may still return the first of them.
 */
static void backlog_keeps_its_order(const struct case_row *row)
{
    /* A listener that, with nothing cancelled, gives connections in the order they came. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    connections_arrive(stage);
    if (!expect_in_order(NEEDED("provider"), stage, 0, NULL)) {
        return;
    }

    /* T1 blocks in WSPAccept; its callback holds still before it cancels. */
    call = start_call(t1, &stage->operation, held_before(TRIES_TO_CANCEL));
    prove_held(call);

    /* Three peers connect one after another before the callback goes on. */
    connections_arrive(stage);
    let_go(call);
    if (!join_raced(call, true, MUST("ACCEPT-04"), ONE_OF(SUCCEEDS, FAILS_WITH(WSAEINTR)))) {
        return;
    }

    /* They are accepted in that order, and there are no more of them. */
    if (expect_in_order(MUST("ACCEPT-04"), stage, CONNECTIONS, stage->operation.accepted)) {
        expect_readable(MUST("ACCEPT-04"), "WSPSelect on the listener when all were accepted",
                        stage->socket, false);
    }
}

CASE(accept, backlog_keeps_its_order) = {
    .run = backlog_keeps_its_order,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets three peers connect inside the callback that cancels a blocked WSPAccept",
    .must = "the three connections are accepted in the order they came",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
