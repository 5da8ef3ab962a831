#include "harness/case.h"

/* WSPSelect that waits until there is room to write to the stage's socket. */
static struct operation select_to_write(struct stage *stage)
{
    struct operation select = operation_select(stage->socket->entry, NULL);

    operation_select_add(&select, 1, &stage->socket, 1);
    select.complete = stage->operation.complete;
    select.other_end = stage;
    return select;
}

/*
 * SELECT-02 (WSPCancelBlockingCall: S15, S16): a cancelled select does no harm to a stream for
 * which it waited to be writable: a send on it blocks, as before, and completes when its peer
 * reads.
 */
static void unwritable_stream_still_works(const struct case_row *row)
{
    /* A stream that has no room to write. */
    struct stage *stage = arrange_blocked(SPI_WSPSend, row->family);
    struct client *t1 = client_start("T1");
    static struct operation select;
    struct blocked_call *call;

    fill_until_unwritable(stage->socket);
    select = select_to_write(stage);

    /* T1 blocks in WSPSelect until there is some; its callback cancels. */
    require_cancelled(start_call(t1, &select, CANCELS_AT(1)));

    /* A send blocks, and completes when its peer reads. */
    call = start_call(t1, &stage->operation, GOES_ON);
    wait_for_callback(call, 1, settings.budgets.hook);
    expect_completes(MUST("SELECT-02"), stage, call);
}

CASE(select, unwritable_stream_still_works) = {
    .run = unwritable_stream_still_works,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect that waits for room to write to a stream, and sends on it",
    .must = "WSPSend blocks until the peer reads, and takes all of its bytes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = BOTH_FAMILIES(WSPSelect),
};
