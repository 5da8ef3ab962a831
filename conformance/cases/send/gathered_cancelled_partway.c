#include "harness/case.h"
#include "harness/world.h"

/* The variant is over how many WSABUFs the data is spread. */
static const struct case_row spreads[] = {
    {.name = "two_buffers_ipv4", .family = AF_INET, .variant = 2},
    {.name = "seven_buffers_ipv4", .family = AF_INET, .variant = 7},
    {.name = "seven_buffers_ipv6", .family = AF_INET6, .variant = 7},
    {.name = NULL},
};

/*
 * SEND-04 (WSPCancelBlockingCall: S21): where one buffer ends and the next begins the peer does not
 * see. So a cancelled WSPSend of several buffers is no better off than one of a single buffer: if
 * it ends with WSAEINTR, none of their bytes has gone out, or the connection is aborted.
 */
static void gathered_cancelled_partway(const struct case_row *row)
{
    /* A connection that can tell which bytes came. */
    struct stream *stream = arrange_stream(row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPSend of several buffers; its peer reads until some of them has come. */
    stream->pieces = (unsigned)row->variant;
    stream_block_partway(stream, SPI_WSPSend, t1);

    /* The callback cancels. */
    if (!stream_cancel(stream)) {
        return;
    }

    /* The stream goes on unbroken, or it is aborted; the peer reads to the end. */
    stream_look(stream);
    stream_end(stream);
    expect_whole_or_aborted(SHOULD("SEND-04"), stream);
}

CASE(send, gathered_cancelled_partway) = {
    .run = gathered_cancelled_partway,
    .function = SPI_WSPSend,
    .requirements = "SEND-04",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPSend of several buffers when its peer has got a part of them",
    .must = "none of their bytes has gone out and the stream goes on, or the connection is aborted",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "cancel/ends_the_blocked_call/send_ipv4",
    .rows = spreads,
};
