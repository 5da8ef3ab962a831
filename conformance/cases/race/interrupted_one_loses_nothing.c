#include "harness/case.h"
#include "harness/race.h"

/* As many as a stage keeps arrivals. */
enum { ROUNDS = 15 };

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

#define ROWS(version, family)                                                                      \
    ROW(accept, WSPAccept, version, family), ROW(select, WSPSelect, version, family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

static void numbered_connection_comes(struct operation *operation)
{
    numbered_connection_arrives(operation->other_end);
}

static bool expect_connection_is_kept(struct stage *stage)
{
    struct spi_socket *accepted = stage->operation.accepted;

    if (accepted == NULL) {
        accepted = expect_accepts(MUST("RACE-06"), "WSPAccept after one that was interrupted",
                                  stage->socket);
    }
    return accepted != NULL && expect_arrival(MUST("RACE-06"), accepted, stage->arrived - 1);
}

static bool expect_data_is_kept(const struct stage *stage, const struct blocked_call *call)
{
    const unsigned char *sent =
        buffer_with_pattern("what the peer sent", STAGE_DATA_SIZE, 0)->bytes;

    return (!call_outcome(call).failed ||
            expect_becomes_readable(MUST("RACE-06"), "WSPSelect after one that was interrupted",
                                    stage->socket)) &&
           expect_receives(MUST("RACE-06"), "after the WSPSelect that raced with a cancel",
                           stage->socket, sent, STAGE_DATA_SIZE);
}

/*
 * RACE-06 (WSPCancelBlockingCall: S15, S23): an accept or a select that could have completed, but
 * was interrupted, has taken nothing away: the connection is there for the next accept, the data
 * for the next select and recv. Round after round, on one socket.
 */
static void interrupted_one_loses_nothing(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");

    if (row->function == SPI_WSPAccept) {
        stage->operation.complete = numbered_connection_comes;
    }
    for (unsigned round = 0; race_again(round, ROUNDS); round++) {
        enum moment moment = (enum moment)(round % MOMENTS);

        /* T1 blocks and its callback cancels, a moment before, after or with what completes it. How
         * it ends is RACE-02's affair. */
        struct blocked_call *call = race_cancel(t1, stage, moment);
        if (!join_race(call, stage, moment, NEEDED("provider"))) {
            return;
        }

        /* What has come can be had, by this call or the next. */
        if (row->function == SPI_WSPAccept ? !expect_connection_is_kept(stage)
                                           : !expect_data_is_kept(stage, call)) {
            return;
        }
        stage = arrange_again(stage);
    }
}

CASE(race, interrupted_one_loses_nothing) = {
    .run = interrupted_one_loses_nothing,
    .function = FROM_ROW,
    .requirements = "RACE-06",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPAccept or WSPSelect as it can complete, 15 times on one socket",
    .must = "the connection can be accepted, the data be received, each time",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
