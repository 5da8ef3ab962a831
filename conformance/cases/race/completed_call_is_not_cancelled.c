#include "harness/case.h"
#include "harness/names.h"
#include "harness/race.h"

enum { ROUNDS = 8 };

static const struct case_row calls[] = {RACED_CALLS, {.name = NULL}};

/* The same call on the same socket, as if nothing had been cancelled. */
static bool expect_usable(struct client *t1, struct stage *stage)
{
    struct stage *again = arrange_again(stage);
    struct blocked_call *call = start_call(t1, &again->operation, GOES_ON);

    return expect_still_blocked(call, MUST("RACE-04"),
                                about("%s, after one that completed in spite of its cancel",
                                      spi_function_name(stage->function))) &&
           expect_completes(MUST("RACE-04"), again, call);
}

/* There is nothing to cancel, and the socket works. A ws2_32 cancels in callbacks only. */
static bool expect_uncancelled(struct client *t1, struct stage *stage)
{
    if (settings.mode != MODE_WS2_32) {
        expect_nothing_to_cancel(
            MUST("RACE-04"), "WSPCancelBlockingCall after a call that completed in spite of one",
            idle_cancel_on(t1, stage->operation.entry));
    }
    return expect_usable(t1, stage);
}

/*
 * RACE-04 (WSPCancelBlockingCall: S23): a call that completed in spite of its cancel is a call that
 * was not cancelled. Nothing is left of that cancel: there is nothing to cancel any more, and the
 * socket is as good as ever.
 */
static void completed_call_is_not_cancelled(const struct case_row *row)
{
    race_for_completed(&(struct race){
        .function = row->function,
        .family = row->family,
        .timeout_ms = (DWORD)row->variant,
        .rounds = ROUNDS,
        .look = expect_uncancelled,
    });
}

CASE(race, completed_call_is_not_cancelled) = {
    .run = completed_call_is_not_cancelled,
    .function = FROM_ROW,
    .requirements = "RACE-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels blocked calls as they can complete, and looks at those that do",
    .must = "after a call that completed there is nothing to cancel, and its socket works",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
