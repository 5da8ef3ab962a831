#include "harness/case.h"

#include "harness/evidence.h"

enum variant { PLAIN, MANY_BUFFERS, DATAGRAM };

enum { PIECES = 7 };

static const struct case_row variants[] = {
    {.name = "ipv4", .family = AF_INET, .variant = PLAIN},
    {.name = "ipv6", .family = AF_INET6, .variant = PLAIN},
    {.name = "many_buffers_ipv4", .family = AF_INET, .variant = MANY_BUFFERS},
    {.name = "datagram_ipv4", .family = AF_INET, .variant = DATAGRAM},
    {.name = NULL},
};

static struct stage *arrange_variant(const struct case_row *row)
{
    struct stage *stage = row->variant == DATAGRAM ? arrange_receive_of_a_datagram(row->family)
                                                   : arrange_blocked(SPI_WSPRecv, row->family);

    stage->operation.pieces = row->variant == MANY_BUFFERS ? PIECES : 0;
    return stage;
}

/* Nobody is told whether a datagram reaches anybody; a connection may have ended (S17). */
static bool data_comes_late(struct stage *stage)
{
    const struct buffer *late = buffer_with_pattern("what comes late", STAGE_DATA_SIZE, 0);

    if (stage->socket->entry->type == SOCK_DGRAM) {
        peer_send_to(stage->peer, &stage->address, late->bytes, late->size);
        return true;
    }
    return peer_tries_to_send(stage->peer, late->bytes, late->size);
}

/*
 * RECV-02 (WSPCancelBlockingCall: S10, derived): once a cancelled WSPRecv has returned it is over,
 * and its memory is the client's again, all of it: what the peer sends then is not written there.
 */
static void leaves_its_memory_alone(const struct case_row *row)
{
    /* A socket whose peer has not sent yet, and another one beside it. */
    struct stage *stage = arrange_variant(row);
    struct stage *beside = arrange_variant(row);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPRecv; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The client uses the memory for something else; then the data comes, if there still is a
     * connection (S17), and other data beside it; in the end the socket is closed. */
    operation_poison_anew(&stage->operation);
    evidence_note("step", "the peer %s",
                  data_comes_late(stage)
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
    .rows = variants,
};
