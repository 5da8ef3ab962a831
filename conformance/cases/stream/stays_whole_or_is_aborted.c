#include "harness/case.h"

#include "harness/evidence.h"
#include "harness/world.h"

/* So many that the evidence of all of them still fits. */
enum { ROUNDS = 6, MANY_ROUNDS = 200 };

enum variant { USUAL, OFTEN, MANY_BUFFERS };

enum { PIECES = 7 };

static const struct case_row calls[] = {
    SENT_OR_RECEIVED,
    {.name = "send_many_buffers_ipv4",
     .function = SPI_WSPSend,
     .family = AF_INET,
     .rests_on = PARTWAY_SEND,
     .variant = MANY_BUFFERS},
    {.name = "recv_many_buffers_ipv4",
     .function = SPI_WSPRecv,
     .family = AF_INET,
     .rests_on = PARTWAY_RECV,
     .variant = MANY_BUFFERS},
    {.name = "send_ipv4_often",
     .function = SPI_WSPSend,
     .family = AF_INET,
     .rests_on = PARTWAY_SEND,
     .variant = OFTEN,
     .group = GROUP_ENDURANCE},
    {.name = "recv_ipv4_often",
     .function = SPI_WSPRecv,
     .family = AF_INET,
     .rests_on = PARTWAY_RECV,
     .variant = OFTEN,
     .group = GROUP_ENDURANCE},
    {.name = NULL},
};

/* A connection whose bytes are numbered; the calls on it are as the row has them. */
static struct stream *arrange(const struct case_row *row)
{
    struct stream *stream = arrange_stream(row->family);

    stream->pieces = row->variant == MANY_BUFFERS ? PIECES : 1;
    return stream;
}

/*
 * Cancelled at its first or second callback, when data has come, or before it comes, or without
 * any. Whatever the seed, the first rounds have the two situations that hurt most.
 */
static bool cancel_a_receive(struct stream *stream, unsigned round, struct client *t1)
{
    bool before = round < 2 ? round == 0 : seeded(2) == 0;

    stream_block_receive(stream, stream->pieces + seeded(200), 1 + seeded(2), before, t1);
    if (round < 2 || seeded(3) > 0) {
        stream_peer_sends(stream, 1 + seeded(200));
    }
    return stream_cancel(stream);
}

/* Cancelled when its peer has read some of it, or nothing, or not yet all before it. */
static bool cancel_a_send(struct stream *stream, unsigned round, struct client *t1)
{
    size_t before;

    stream_block_send(stream, t1);
    before = stream->sent - stream->arrived;
    if (round != 1 && (round == 0 || seeded(3) > 0)) {
        stream_peer_reads(stream,
                          round == 0 ? before + 1 : 1 + seeded(1 + (unsigned)before * 3 / 2));
    }
    return stream_cancel(stream);
}

/*
 * STREAM-01, STREAM-05 (WSPCancelBlockingCall: S21): whenever a WSPRecv or WSPSend is cancelled,
 * its stream either goes on, and no byte is lost, repeated or out of place in either direction; or
 * it is aborted. It is never both. So too where the data is spread over several buffers.
 */
static void stays_whole_or_is_aborted(const struct case_row *row)
{
    /* A connection whose bytes are numbered. */
    struct stream *stream = arrange(row);
    struct client *t1 = client_start("T1");
    int64_t enough = evidence_now() + (int64_t)settings.budgets.whole * 1000 / 3;
    unsigned rounds = row->variant == OFTEN ? MANY_ROUNDS : ROUNDS;

    for (unsigned round = 0; round < rounds && evidence_now() < enough; round++) {
        /* T1 blocks in the call; its callback cancels, at one moment or another. */
        bool cancelled = row->function == SPI_WSPSend ? cancel_a_send(stream, round, t1)
                                                      : cancel_a_receive(stream, round, t1);
        if (!cancelled) {
            return;
        }

        /* Bytes go both ways after it. If they do, the next round is on the same connection. */
        stream_look(stream);
        if (stream->world == WORLD_UNHARMED || stream->world == WORLD_INTACT) {
            if (!expect_whole_or_aborted(MUST("STREAM-01"), stream)) {
                return;
            }
            continue;
        }
        stream_end(stream);
        if (!expect_whole_or_aborted(MUST("STREAM-01"), stream) ||
            !expect_not_by_halves(MUST("STREAM-05"), stream)) {
            return;
        }
        stream = arrange(row);
    }
}

CASE(stream, stays_whole_or_is_aborted) = {
    .run = stays_whole_or_is_aborted,
    .function = FROM_ROW,
    .requirements = "STREAM-01 STREAM-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels blocked calls again and again, while numbered bytes come or go",
    .must = "both sides see an unbroken sequence of bytes, or the connection is aborted",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
