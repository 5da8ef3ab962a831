#include "harness/case.h"
#include "harness/world.h"

/* When the peer sends: before the callback cancels, before it returns, or once the call is over. */
enum { BEFORE_THE_CANCEL, AFTER_THE_CANCEL, AFTER_THE_CALL };

enum { WANTED = 100, SENT = 40 };

#define ROWS(version, address_family)                                                              \
    {.name = "data_before_cancel_ipv" #version,                                                    \
     .family = (address_family),                                                                   \
     .variant = BEFORE_THE_CANCEL},                                                                \
        {.name = "data_after_cancel_ipv" #version,                                                 \
         .family = (address_family),                                                               \
         .variant = AFTER_THE_CANCEL},                                                             \
    {                                                                                              \
        .name = "data_after_call_ipv" #version, .family = (address_family),                        \
        .variant = AFTER_THE_CALL                                                                  \
    }

static const struct case_row moments[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/*
 * RECV-03 (WSPCancelBlockingCall: S21): a WSPRecv with MSG_PEEK takes nothing, and all the less so
 * when it is cancelled. So the next WSPRecv begins with the first byte, whenever that came; or the
 * connection is aborted.
 */
static void peek_takes_nothing(const struct case_row *row)
{
    /* A connection that can tell which bytes came. */
    struct stream *stream = arrange_stream(row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in a WSPRecv that only looks; its callback cancels, and meanwhile bytes come. */
    stream->peeks = true;
    stream_block_receive(stream, WANTED, 1, row->variant == BEFORE_THE_CANCEL, t1);
    if (row->variant != AFTER_THE_CALL) {
        stream_peer_sends(stream, SENT);
    }
    if (!stream_cancel(stream)) {
        return;
    }

    /* The stream goes on with the first byte, or it is aborted. */
    stream_look(stream);
    stream_end(stream);
    expect_whole_or_aborted(MUST("RECV-03"), stream);
}

CASE(recv, peek_takes_nothing) = {
    .run = peek_takes_nothing,
    .function = SPI_WSPRecv,
    .requirements = "RECV-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPRecv with MSG_PEEK, and lets the peer send",
    .must = "the next WSPRecv begins with the first byte, or the connection is aborted",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = moments,
};
