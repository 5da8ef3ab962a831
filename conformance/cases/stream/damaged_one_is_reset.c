#include "harness/case.h"
#include "harness/world.h"

static const struct case_row calls[] = {SENT_OR_RECEIVED, {.name = NULL}};

/*
 * STREAM-02 (WSPCancelBlockingCall: S21): when a cancel has damaged a stream, the provider resets
 * the connection: the peer sees no graceful end, which would tell it that all is well.
 */
static void damaged_one_is_reset(const struct case_row *row)
{
    /* A connection whose peer can tell a reset from a graceful end. */
    struct stream *stream = arrange_stream(row->family);
    struct client *t1 = client_start("T1");
    stream_control(row->family);

    /* T1 blocks in a call of which a part is done; its callback cancels. */
    stream_block_partway(stream, row->function, t1);
    if (!stream_cancel(stream)) {
        return;
    }

    /* If that did damage, the peer sees a reset, before the socket is closed. */
    stream_look(stream);
    if (is_damaged_and_aborted(MUST("STREAM-02"), stream)) {
        enum peer_end end = stream_peer_end(stream);
        expect_that(MUST("STREAM-02"), end == PEER_RESET,
                    about("what the peer sees, as %s", stream_damage(stream)),
                    peer_end_text(PEER_RESET), "%s", peer_end_text(end));
    }
}

CASE(stream, damaged_one_is_reset) = {
    .run = damaged_one_is_reset,
    .function = FROM_ROW,
    .requirements = "STREAM-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSend or WSPRecv of which a part is done",
    .must = "if that damaged the stream, the peer sees a reset and no graceful end",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
