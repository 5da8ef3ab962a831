#include "harness/case.h"

#define ROW(when, moment, version, address_family)                                                 \
    {                                                                                              \
        .name = #when "_ipv" #version, .function = SPI_WSPAccept, .family = (address_family),      \
        .variant = (moment)                                                                        \
    }

static const struct case_row moments[] = {
    ROW(before_the_cancel, HOLDS_BEFORE, 4, AF_INET),
    ROW(after_the_cancel, HOLDS_AFTER, 4, AF_INET),
    ROW(before_the_cancel, HOLDS_BEFORE, 6, AF_INET6),
    ROW(after_the_cancel, HOLDS_AFTER, 6, AF_INET6),
    {.name = NULL},
};

/*
 * ACCEPT-03 (WSPCancelBlockingCall: S15, S16, S22): a connection that comes while the callback
 * cancels the accept is not lost. Either that accept still returns it, as if it had never been
 * cancelled, or the next one does.
 */
static void connection_in_the_callback_is_kept(const struct case_row *row)
{
    /* A listener with an empty backlog. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    bool before = row->variant == HOLDS_BEFORE;
    struct spi_socket *accepted;

    /* T1 blocks in WSPAccept; its callback holds still, just before or just after it cancels. */
    struct blocked_call *call = start_call(
        t1, &stage->operation, before ? held_before(TRIES_TO_CANCEL) : held_after(TRIES_TO_CANCEL));
    prove_held(call);

    /* A peer connects, and is connected, before the callback returns. */
    connection_arrives(stage);
    let_go(call);
    if (!join_raced(call, before, MUST("ACCEPT-03"), ONE_OF(SUCCEEDS, FAILS_WITH(WSAEINTR)))) {
        return;
    }

    /* This accept or the next one gives the connection, and it carries data. */
    accepted = stage->operation.accepted;
    record_choice("WSPAccept %s a connection that comes in the cancelling callback",
                  accepted != NULL ? "still returns" : "leaves to the next call");
    if (accepted == NULL) {
        accepted = expect_accepts(
            MUST("ACCEPT-03"), "WSPAccept after a cancelled one, with a connection in the backlog",
            stage->socket);
    }
    if (accepted != NULL) {
        expect_echo(MUST("ACCEPT-03"), "over the connection that came in the callback", accepted,
                    stage->arrivals[0]);
    }
}

CASE(accept, connection_in_the_callback_is_kept) = {
    .run = connection_in_the_callback_is_kept,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets a peer connect inside the callback that cancels a blocked WSPAccept",
    .must = "this accept or the next one returns the connection, without another connect",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = moments,
};
