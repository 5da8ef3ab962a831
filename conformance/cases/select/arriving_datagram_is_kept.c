#include "harness/case.h"

/* Added to the moment: the socket is in the exception set, where a datagram is nothing to tell. */
enum { FOR_EXCEPTIONS = 0x100 };

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
    ROW(watched_for_exceptions_before_the_cancel, HOLDS_BEFORE | FOR_EXCEPTIONS, 4, AF_INET),
    ROW(watched_for_exceptions_after_the_cancel, HOLDS_AFTER | FOR_EXCEPTIONS, 4, AF_INET),
    {.name = NULL},
};

/* A WSPSelect that waits for a datagram on the stage's socket; or on another, and for exceptions on
 * this. */
static struct operation select_for(struct stage *stage, bool for_exceptions)
{
    struct stage *readable =
        for_exceptions ? arrange_blocked(SPI_WSPRecvFrom, stage->family) : stage;
    struct operation select = operation_select(stage->operation.entry, NULL);

    operation_select_add(&select, 0, &readable->socket, 1);
    if (for_exceptions) {
        operation_select_add(&select, 2, &stage->socket, 1);
    }
    select.complete = readable->operation.complete;
    select.other_end = readable;
    return select;
}

/*
 * SELECT-03 (WSPCancelBlockingCall: S16, S22): a datagram that comes while the callback cancels the
 * select is there to be received, and so is the next one, in their order. The select may be
 * cancelled, or still say that the socket is readable.
 */
static void arriving_datagram_is_kept(const struct case_row *row)
{
    /* A datagram socket to which nothing was sent. */
    struct stage *stage = arrange_blocked(SPI_WSPRecvFrom, row->family);
    static struct operation select;
    struct client *t1 = client_start("T1");
    struct buffer *first = buffer_with_pattern("the first datagram", STAGE_DATA_SIZE, 0);
    struct buffer *second = buffer_with_pattern("the second datagram", STAGE_DATA_SIZE, 300);
    bool before = (row->variant & ~FOR_EXCEPTIONS) == HOLDS_BEFORE;
    struct blocked_call *call;

    select = select_for(stage, (row->variant & FOR_EXCEPTIONS) != 0);

    /* T1 blocks in WSPSelect; its callback holds still, just before or just after it cancels. */
    call = start_call(t1, &select,
                      before ? held_before(TRIES_TO_CANCEL) : held_after(TRIES_TO_CANCEL));
    prove_held(call);

    /* A datagram comes before the callback returns, and another one afterwards. */
    peer_send_to(stage->peer, &stage->address, first->bytes, first->size);
    let_go(call);
    if (!join_raced(call, before, MUST("SELECT-03"), ONE_OF(RETURNS(1), FAILS_WITH(WSAEINTR)))) {
        return;
    }
    peer_send_to(stage->peer, &stage->address, second->bytes, second->size);

    /* Both can be received. */
    if (expect_receives(MUST("SELECT-03"), "of the datagram that came during the cancelled select",
                        stage->socket, first->bytes, first->size)) {
        expect_receives(MUST("SELECT-03"), "of the datagram that came after the cancelled select",
                        stage->socket, second->bytes, second->size);
    }
}

CASE(select, arriving_datagram_is_kept) = {
    .run = arriving_datagram_is_kept,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "sends a datagram inside the callback that cancels a blocked WSPSelect, and another "
            "one afterwards",
    .must = "both can be received, in their order",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = moments,
};
