#include "harness/case.h"
#include "harness/world.h"

/* The variant is how many of twice as many WSABUFs are full when it is cancelled; 0: it has one. */
static const struct case_row parts[] = {
    {.name = "ipv4", .family = AF_INET, .gate = true},
    {.name = "ipv6", .family = AF_INET6},
    {.name = "one_full_buffer_ipv4", .family = AF_INET, .variant = 1},
    {.name = "one_full_buffer_ipv6", .family = AF_INET6, .variant = 1},
    {.name = "two_full_buffers_ipv4", .family = AF_INET, .variant = 2},
    {.name = NULL},
};

/*
 * RECV-04 (WSPCancelBlockingCall: S21): bytes that a WSPRecv had taken when it was cancelled are
 * not lost in silence. Either the call returns them after all, or the next one does, or the
 * connection is aborted. So it is where some of its buffers are full and the next has no byte yet.
 */
static void cancelled_partway(const struct case_row *row)
{
    /* A connection that can tell which bytes came. */
    struct stream *stream = arrange_stream(row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPRecv until all of its buffers are full; its peer has sent less. */
    stream->filled = (unsigned)row->variant;
    stream->pieces = 2 * stream->filled;
    stream_block_partway(stream, SPI_WSPRecv, t1);

    /* The callback cancels. */
    if (!stream_cancel(stream)) {
        return;
    }

    /* The stream goes on unbroken, or it is aborted. */
    stream_look(stream);
    stream_end(stream);
    expect_whole_or_aborted(MUST("RECV-04"), stream);
}

CASE(recv, cancelled_partway) = {
    .run = cancelled_partway,
    .function = SPI_WSPRecv,
    .requirements = "RECV-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPRecv that waits for all of its buffers, when a part is there",
    .must = "the bytes are returned, or can be received again, or the connection is aborted",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = parts,
};
