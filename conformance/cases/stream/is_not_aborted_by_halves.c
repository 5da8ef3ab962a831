#include "harness/case.h"
#include "harness/world.h"

static const struct case_row calls[] = {SENT_OR_RECEIVED, {.name = NULL}};

enum { LOOKS = 4 };

/* Where bytes are lost or calls do not end, others of these cases say so. */
static bool can_be_looked_at(const struct stream *stream, unsigned looks)
{
    return looks == 0 || (!stream_is_broken(stream) && stream->receive_ended && stream->send_ended);
}

/*
 * STREAM-05 (WSPCancelBlockingCall: S21): once a call has said WSAECONNABORTED, no later one gets
 * data through that socket; and while data goes through, the peer has seen no reset.
 */
static void is_not_aborted_by_halves(const struct case_row *row)
{
    /* A connection whose bytes are numbered. */
    struct stream *stream = arrange_stream(row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in a call of which a part is done; its callback cancels. */
    stream_block_partway(stream, row->function, t1);
    if (!stream_cancel(stream)) {
        return;
    }

    /* The client tries both directions again and again; it is all or nothing. */
    for (unsigned look = 0; look < LOOKS && can_be_looked_at(stream, look); look++) {
        stream_look(stream);
        if (!expect_not_by_halves(MUST("STREAM-05"), stream)) {
            return;
        }
    }
}

CASE(stream, is_not_aborted_by_halves) = {
    .run = is_not_aborted_by_halves,
    .function = FROM_ROW,
    .requirements = "STREAM-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSend or WSPRecv of which a part is done, and tries to go on four times",
    .must = "no call succeeds after a WSAECONNABORTED, or while the peer has seen a reset",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
