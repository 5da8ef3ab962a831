#include "harness/case.h"

/*
 * SELECT-02 (WSPCancelBlockingCall: S15, S16): a non-blocking connect that is under way stays so
 * when a select that waits for it is cancelled; it comes through later, and the next select says
 * so.
 */
static void pending_connect_completes(const struct case_row *row)
{
    /* A non-blocking connect that cannot come through yet. */
    struct stage *stage = arrange_pending_connect(row->family);
    struct client *t1 = client_start("T1");
    static struct operation select;

    select = operation_select(stage->socket->entry, NULL);
    operation_select_add(&select, 1, &stage->socket, 1);
    operation_select_add(&select, 2, &stage->socket, 1);

    /* T1 blocks in WSPSelect until it has; its callback cancels. */
    require_cancelled(start_call(t1, &select, CANCELS_AT(1)));

    /* Now the connect can come through; the next select sees it, and bytes go both ways. */
    expect_comes_through(MUST("SELECT-02"), t1, stage);
}

CASE(select, pending_connect_completes) = {
    .run = pending_connect_completes,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect that waits for a non-blocking connect",
    .must = "the connect comes through later, and the connection carries bytes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .awaits_syn = true,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = BOTH_FAMILIES(WSPSelect),
};
