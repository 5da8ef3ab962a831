#include "harness/case.h"

#include "harness/evidence.h"
#include "harness/world.h"

#include <stdlib.h>

enum { ROUNDS = 4, MANY_ROUNDS = 100 };

/* In place of a number of rounds: the select's time is limited. */
enum { TIMED = -1, A_MINUTE_MS = 60000 };

static const struct case_row calls[] = {
    {.name = "select_ipv4",
     .function = SPI_WSPSelect,
     .family = AF_INET,
     .rests_on = "cancel/ends_the_blocked_call/select_ipv4"},
    {.name = "accept_ipv4",
     .function = SPI_WSPAccept,
     .family = AF_INET,
     .rests_on = "cancel/ends_the_blocked_call/accept_ipv4"},
    {.name = "select_ipv6",
     .function = SPI_WSPSelect,
     .family = AF_INET6,
     .rests_on = "cancel/ends_the_blocked_call/select_ipv4"},
    {.name = "accept_ipv6",
     .function = SPI_WSPAccept,
     .family = AF_INET6,
     .rests_on = "cancel/ends_the_blocked_call/accept_ipv4"},
    {.name = "timed_select_ipv4",
     .function = SPI_WSPSelect,
     .family = AF_INET,
     .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
     .variant = TIMED},
    {.name = "select_ipv4_often",
     .function = SPI_WSPSelect,
     .family = AF_INET,
     .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
     .variant = MANY_ROUNDS,
     .group = GROUP_ENDURANCE},
    {.name = NULL},
};

/* A connection that the listener of an accept gave before; what blocks is the next accept. */
static struct stream *arrange_accepted(struct stage **stage, int family)
{
    struct spi_socket *accepted;

    *stage = arrange_blocked(SPI_WSPAccept, family);
    connection_arrives(*stage);
    accepted = expect_accepts(NEEDED("provider"), "WSPAccept, before any cancel", (*stage)->socket);
    if (accepted == NULL) {
        stop_case(NEEDED("provider"), "a connection that was accepted", "one", "none");
    }
    return stream_over(accepted, (*stage)->arrivals[0]);
}

/* A connection; what blocks is a select that waits until it can be read from. */
static struct stream *arrange_selected(struct stage **stage, int family)
{
    *stage = arrange_blocked(SPI_WSPSelect, family);
    return stream_over((*stage)->socket, (*stage)->peer);
}

/*
 * STREAM-08 (WSPCancelBlockingCall: S15, S16): a cancelled WSPSelect or WSPAccept does no harm to a
 * stream: it is never aborted, and its bytes go on in both directions.
 */
static void is_unharmed_by_select_and_accept(const struct case_row *row)
{
    /* A connection that has carried bytes both ways. */
    struct client *t1 = client_start("T1");
    bool selects = row->function == SPI_WSPSelect;
    struct stage *stage;
    struct stream *stream =
        selects ? arrange_selected(&stage, row->family) : arrange_accepted(&stage, row->family);
    int64_t enough = evidence_now() + (int64_t)settings.budgets.whole * 1000 / 3;
    unsigned rounds = row->variant > 0 ? (unsigned)row->variant : ROUNDS;

    if (row->variant == TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }
    stream->function = row->function;
    stream_look(stream);

    for (unsigned round = 0; round < rounds && evidence_now() < enough; round++) {
        /* T1 blocks in the call; its callback cancels, at one moment or another. */
        struct operation *operation = malloc(sizeof *operation);
        *operation = operation_again(&stage->operation);
        require_cancelled(start_call(t1, operation, CANCELS_AT(1 + seeded(2))));

        /* Bytes go both ways, and the peer has seen no reset. */
        stream_look(stream);
        if (!expect_intact(MUST("STREAM-08"), stream)) {
            return;
        }
    }
}

CASE(stream, is_unharmed_by_select_and_accept) = {
    .run = is_unharmed_by_select_and_accept,
    .function = FROM_ROW,
    .requirements = "STREAM-08",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect on a stream, or a WSPAccept after it, again and again",
    .must = "the stream is not aborted, and goes on in both directions",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
