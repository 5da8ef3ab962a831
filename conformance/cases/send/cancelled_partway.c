#include "harness/case.h"
#include "harness/world.h"

enum { PEER_READS, PEER_WAITS };

static const struct case_row situations[] = {
    {.name = "peer_reads_ipv4", .family = AF_INET, .variant = PEER_READS, .gate = true},
    {.name = "peer_waits_ipv4", .family = AF_INET, .variant = PEER_WAITS},
    {.name = "peer_reads_ipv6", .family = AF_INET6, .variant = PEER_READS},
    {.name = NULL},
};

/*
 * SEND-02 (WSPCancelBlockingCall: S21): WSAEINTR carries no count. So when a cancelled WSPSend ends
 * with it, either none of its bytes has gone out, or the client could not know how many, and the
 * connection is aborted. If it succeeds instead, what it reports is what came; and as if it had not
 * been cancelled (S23), it should report all of it.
 */
static void cancelled_partway(const struct case_row *row)
{
    /* A connection that can tell which bytes came. */
    struct stream *stream = arrange_stream(row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPSend; its peer reads until some of the buffer has come, or does not read. */
    if (row->variant == PEER_READS) {
        stream_block_partway(stream, SPI_WSPSend, t1);
    } else {
        stream_block_send(stream, t1);
    }

    /* The callback cancels. */
    if (!stream_cancel(stream)) {
        return;
    }

    /* The stream goes on unbroken, or it is aborted; the peer reads to the end. */
    stream_look(stream);
    stream_end(stream);
    if (expect_whole_or_aborted(MUST("SEND-02"), stream) && !stream->interrupted) {
        expect_number(SHOULD("SEND-02"),
                      "how many bytes a WSPSend took that was to block until all of "
                      "them are taken, and succeeded in spite of the cancel",
                      (int64_t)stream->operation.data->size, (int64_t)stream->reported);
    }
}

CASE(send, cancelled_partway) = {
    .run = cancelled_partway,
    .function = SPI_WSPSend,
    .requirements = "SEND-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPSend when its peer has got a part of the buffer, or none of it",
    .must = "none of its bytes has gone out and the stream goes on, or the connection is aborted",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "cancel/ends_the_blocked_call/send_ipv4",
    .rows = situations,
};
