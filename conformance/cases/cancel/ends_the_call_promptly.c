#include "harness/case.h"
#include "harness/evidence.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

enum { ROUNDS = 3, A_MINUTE_MS = 60000, PROMPT_MS = 250, CONTROLS = 20 };

/*
 * The control: how long this machine takes from a peer's event to the return of a call of the same
 * kind, in microseconds. A connect completes only when the transport tries again, and a send when
 * all of it was read, so a receive stands in for them.
 */
static int64_t time_to_complete(const struct case_row *row)
{
    bool slow = row->function == SPI_WSPConnect || row->function == SPI_WSPSend;
    struct stage *stage = arrange_blocked(slow ? SPI_WSPRecv : row->function, row->family);
    struct blocked_call *call = start_call(client_start("T2"), &stage->operation, GOES_ON);
    int64_t event;

    prove_blocked(call, 1);
    event = evidence_now();
    stage_complete(stage);
    join_completed(call, NEEDED("provider"), ONE_OF(SUCCEEDS));
    return call_record(call)->left - event;
}

/* How long a cancelled call takes, from the return of the callback to its own. */
static int64_t time_to_end(const struct case_row *row, struct client *t1)
{
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct blocked_call *call;

    stage_set_timeout(stage, A_MINUTE_MS);
    call = start_call(t1, &stage->operation, CANCELS_AT(1));
    require_cancelled(call);
    return call_record(call)->left - call_record(call)->callback[0].left;
}

static int64_t median_of_three(const int64_t *times)
{
    int64_t low = min(times[0], times[1]);
    int64_t high = max(times[0], times[1]);

    return max(low, min(high, times[2]));
}

/*
 * CBC-16 (WSPCancelBlockingCall: S10): a cancelled call ends as soon as possible, whatever its peer
 * does, and however long it may wait by itself.
 */
static void ends_the_call_promptly(const struct case_row *row)
{
    /* What may be asked of this machine. */
    int64_t control = time_to_complete(row);
    int64_t limit = max(PROMPT_MS, CONTROLS * control / 1000);
    struct client *t1 = client_start("T1");
    int64_t times[ROUNDS];

    /* T1 blocks in calls that may take a minute; its callback cancels each, no peer acts. */
    for (int round = 0; round < ROUNDS; round++) {
        times[round] = time_to_end(row, t1);
    }

    /* Of three times the middle one counts, as any may have met a busy machine. */
    expect_at_most(
        SHOULD("CBC-16"),
        about("milliseconds from the return of the callback that cancelled %s to its own",
              spi_function_name(row->function)),
        limit, median_of_three(times) / 1000);
}

CASE(cancel, ends_the_call_promptly) = {
    .run = ends_the_call_promptly,
    .function = FROM_ROW,
    .requirements = "CBC-16",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels blocked calls that could wait for a minute, and whose peers are silent",
    .must = "they return at once: within 250 ms, or 20 times what a peer's event takes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
