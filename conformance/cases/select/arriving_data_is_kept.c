#include "harness/case.h"

enum { BYTES = 1000 };

/* Added to the moment: the select's time is limited. */
enum { TIMED = 0x100, A_MINUTE_MS = 60000 };

#define ROW(when, moment, version, address_family)                                                 \
    {                                                                                              \
        .name = #when "_ipv" #version, .function = SPI_WSPSelect, .family = (address_family),      \
        .variant = (moment)                                                                        \
    }

static const struct case_row moments[] = {
    ROW(before_the_cancel, HOLDS_BEFORE, 4, AF_INET),
    ROW(after_the_cancel, HOLDS_AFTER, 4, AF_INET),
    ROW(before_the_cancel, HOLDS_BEFORE, 6, AF_INET6),
    ROW(after_the_cancel, HOLDS_AFTER, 6, AF_INET6),
    ROW(timed_before_the_cancel, HOLDS_BEFORE | TIMED, 4, AF_INET),
    ROW(timed_after_the_cancel, HOLDS_AFTER | TIMED, 4, AF_INET),
    {.name = NULL},
};

/*
 * SELECT-03 (WSPCancelBlockingCall: S16, S22): data that comes while the callback cancels the
 * select is there to be read, whole and in order, and the stream lives on. The select may be
 * cancelled, or still say that the socket is readable.
 */
static void arriving_data_is_kept(const struct case_row *row)
{
    /* A stream on which nothing was sent. */
    struct stage *stage = arrange_blocked(SPI_WSPSelect, row->family);
    struct client *t1 = client_start("T1");
    struct buffer *data = buffer_with_pattern("what the peer sends", BYTES, 0);
    bool before = (row->variant & ~TIMED) == HOLDS_BEFORE;

    if (row->variant & TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }

    /* T1 blocks in WSPSelect; its callback holds still, just before or just after it cancels. */
    struct blocked_call *call = start_call(
        t1, &stage->operation, before ? held_before(TRIES_TO_CANCEL) : held_after(TRIES_TO_CANCEL));
    prove_held(call);

    /* The peer sends before the callback returns. */
    peer_send(stage->peer, data->bytes, data->size);
    let_go(call);
    if (!join_raced(call, before, MUST("SELECT-03"), ONE_OF(RETURNS(1), FAILS_WITH(WSAEINTR)))) {
        return;
    }
    record_choice("WSPSelect %s when data comes in the cancelling callback",
                  call_outcome(call).failed ? "is cancelled" : "still returns 1");

    /* All of it can be read, and the stream goes on in both directions. */
    if (expect_receives(MUST("SELECT-03"), "after the cancelled select", stage->socket, data->bytes,
                        data->size)) {
        expect_echo(MUST("SELECT-03"), "over the stream after the cancelled select", stage->socket,
                    stage->peer);
    }
}

CASE(select, arriving_data_is_kept) = {
    .run = arriving_data_is_kept,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets the peer send 1000 bytes inside the callback that cancels a blocked WSPSelect",
    .must = "the bytes can be read in order, and the stream goes on",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = moments,
};
