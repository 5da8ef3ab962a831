#include "harness/case.h"
#include "harness/census.h"
#include "harness/evidence.h"
#include "harness/names.h"

/*
 * A pool that grows lazily has grown in the first round. What is left behind of one cancel in
 * sixteen, and more than once, is no chance any more, if each of the later rounds shows it.
 */
enum { ROUNDS = 4, CANCELS = 128, FEW = 4, ONE_IN = 16, MORE_THAN_ONCE = 2 };

/* What T1 does, and what there is after each round. */
struct repeated {
    const struct operation *accept;
    struct operation operation;
    struct blocked_call *call;
    unsigned cancels; /* in each round */
    unsigned rounds;  /* that were finished */
    unsigned handles[ROUNDS];
    unsigned threads[ROUNDS];
    volatile LONG is_over;
};

/* With a slow provider the first round ends early, and the later ones have its size: together they
 * take no more than half of the case's time. */
static bool round_goes_on(const struct repeated *repeated, int64_t began)
{
    int64_t share = (int64_t)settings.budgets.whole * 1000 / (2 * ROUNDS);

    return repeated->rounds > 0 || evidence_now() - began < share;
}

static bool is_cancelled_once_more(struct repeated *repeated)
{
    repeated->operation = operation_again(repeated->accept);
    return outcome_is_error(make_planned_call(repeated->call), WSAEINTR) &&
           outcome_is_zero(call_cancel_outcome(repeated->call)) && !repeated->is_over;
}

static void block_and_cancel_repeatedly(void *argument)
{
    struct repeated *repeated = argument;
    unsigned wanted = CANCELS;

    for (unsigned round = 0; round < ROUNDS; round++) {
        int64_t began = evidence_now();
        unsigned made = 0;
        while (made < wanted && round_goes_on(repeated, began)) {
            if (!is_cancelled_once_more(repeated)) {
                return;
            }
            made++;
        }
        wanted = made;
        repeated->cancels = made;
        repeated->handles[round] = census_handles();
        repeated->threads[round] = census_threads();
        repeated->rounds = round + 1;
    }
}

/* Whether each round but the first has left more behind than there was before it. */
static void expect_none_left(const struct repeated *repeated, const char *what,
                             const unsigned counts[ROUNDS])
{
    unsigned growth = max(repeated->cancels / ONE_IN, MORE_THAN_ONCE);
    unsigned growths = 0;

    for (unsigned round = 1; round < ROUNDS; round++) {
        growths += counts[round] >= counts[round - 1] + growth;
    }
    expect_that(leaking(SHOULD("CBC-26")), growths < ROUNDS - 1,
                about("%s of the process after each of %d rounds of %u cancelled calls to "
                      "WSPAccept",
                      what, ROUNDS, repeated->cancels),
                "no more in round after round", "%u, %u, %u, %u", counts[0], counts[1], counts[2],
                counts[3]);
}

/*
 * CBC-26 (WSPCancelBlockingCall: S7): what a provider takes for a blocked call, a cancelled one
 * gives back, or a server that is told to look up now and then runs out of handles in a night.
 */
static void leaves_no_handle_behind(const struct case_row *row)
{
    /* A listener nobody connects to. */
    static struct repeated repeated;
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");

    require_that(NEEDED("environment"), census_handles() > 0 && census_threads() > 0,
                 "the handles and threads of the process", "a count", "none");

    /* T1 blocks, and its callback cancels: once to see that it does, and then many times over. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    repeated.accept = &stage->operation;
    repeated.call = plan_call(t1, &repeated.operation, CANCELS_AT(1));
    client_post(t1, block_and_cancel_repeatedly, &repeated);
    if (!client_wait(t1, settings.budgets.whole * 2 / 3)) {
        InterlockedExchange(&repeated.is_over, 1);
        rescue(repeated.call);
    }
    require_that(NEEDED("provider"), repeated.rounds == ROUNDS && repeated.cancels >= FEW,
                 "cancelled calls to WSPAccept, one after the other",
                 about("at least %d in each of %d rounds", FEW, ROUNDS),
                 "%u rounds, the last one of %u", repeated.rounds, repeated.cancels);

    /* There are no more handles and threads from round to round. */
    expect_none_left(&repeated, "handles", repeated.handles);
    expect_none_left(&repeated, "threads", repeated.threads);
}

CASE(cancel, leaves_no_handle_behind) = {
    .run = leaves_no_handle_behind,
    .function = SPI_WSPAccept,
    .requirements = "CBC-26",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels WSPAccept hundreds of times, and counts handles and threads in between",
    .must = "there are no more of them from round to round",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
