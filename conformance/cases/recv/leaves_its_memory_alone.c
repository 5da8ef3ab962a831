#include "harness/case.h"

#include "harness/evidence.h"

/*
 * RECV-02 (WSPCancelBlockingCall: S10, derived): once a cancelled WSPRecv has returned it is over,
 * and its memory is the client's again: what the peer sends then is not written there.
 */
static void leaves_its_memory_alone(const struct case_row *row)
{
    /* A connection whose peer has not sent yet, and another one beside it. */
    struct stage *stage = arrange_blocked(SPI_WSPRecv, row->family);
    struct stage *beside = arrange_blocked(SPI_WSPRecv, row->family);
    const struct buffer *late = buffer_with_pattern("what comes late", STAGE_DATA_SIZE, 0);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPRecv; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The client uses the memory for something else; then the data comes, if there still is a
     * connection (S17), and other data beside it; in the end the socket is closed. */
    operation_poison_anew(&stage->operation);
    evidence_note("step", "the peer %s",
                  peer_tries_to_send(stage->peer, late->bytes, late->size)
                      ? "sends what the cancelled WSPRecv waited for"
                      : "sees that the connection has ended with the cancelled WSPRecv");
    messages_pass_beside(beside, t1, &stage->operation);
    expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPRecv", stage->socket);

    /* The memory is as the client left it. */
    expect_memory_untouched(MUST("RECV-02"), &stage->operation);
}

CASE(recv, leaves_its_memory_alone) = {
    .run = leaves_its_memory_alone,
    .function = SPI_WSPRecv,
    .requirements = "RECV-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPRecv, fills its memory anew, and lets the peer send",
    .must = "neither the buffer nor lpNumberOfBytesRecvd is written to any more",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = BOTH_FAMILIES(WSPRecv),
};
