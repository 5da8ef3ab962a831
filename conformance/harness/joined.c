#include "harness/joined.h"

#include "harness/blocked_call.h"
#include "harness/evidence.h"

#include <stdio.h>

/* False if the cancel did not even return. */
static bool judge_cancel(const struct blocked_call *call, const struct acceptable *set)
{
    char what[128];

    snprintf(what, sizeof what, "WSPCancelBlockingCall in the callback of %s",
             call_function_name(call));
    if (call_is_stuck_in_cancel(call)) {
        return expect_that(ending(MUST("CBC-01")), false, what, "it returns", "no return");
    }
    expect_outcome(MUST("CBC-01"), what, call->cancel, set);
    return true;
}

/* That a cancelled call ends is a MUST, whatever the case wants to know about how it ends. */
static void judge_end(struct blocked_call *call, bool in_time, struct demand demand)
{
    char what[160];
    char limit[64];

    if (demand.otherwise != VERDICT_FAIL) {
        demand = MUST("CBC-02");
    }
    snprintf(what, sizeof what, "%s after the callback that cancelled it returned",
             call_function_name(call));
    snprintf(limit, sizeof limit, "the call returns within %lu ms",
             call_budget(call, settings.budgets.cancel));
    expect_that(ending(demand), in_time, what, limit,
                in_time ? "returned" : "still blocked, until it was rescued");
}

static void prove_cancelled(struct blocked_call *call)
{
    unsigned at = call->cancels > 0 ? call->cancelled_at : call->script.at;

    prove(PROOF_BLOCKED, "blocking callback %u on %s, inside %s", at, client_name(call->client),
          call_function_name(call));
    prove(PROOF_CALLBACK, "called %u times", call_callbacks(call));
    if (!outcome_is_error(call->outcome, WSAEINTR)) {
        return;
    }
    prove(PROOF_CANCELLED, "%s ended with WSAEINTR %lld us after the callback returned",
          call_function_name(call),
          call->spi != NULL && at <= CALLBACKS_RECORDED
              ? (long long)(call->spi->left - call->spi->callback[at - 1].left)
              : 0LL);
    call_note_interruption(call);
}

bool join_cancelled(struct blocked_call *call, struct demand demand)
{
    bool in_time = call_ends_by_cancel(call);
    char what[128];

    if (!judge_cancel(call, ONE_OF(RETURNS(0)))) {
        return false;
    }
    judge_end(call, in_time, demand);
    if (!in_time) {
        return false;
    }
    snprintf(what, sizeof what, "%s after a cancel", call_function_name(call));
    if (!expect_outcome(demand, what, call->outcome, ONE_OF(FAILS_WITH(WSAEINTR)))) {
        return false;
    }
    prove_cancelled(call);
    return true;
}

void require_cancelled(struct blocked_call *call)
{
    if (!join_cancelled(call, MUST("CBC-02"))) {
        stop_case(NEEDED("provider"), "the state after a cancelled call",
                  "a call that ended with WSAEINTR", "one that did not");
    }
}

struct outcome require_failed_by_cancel(struct blocked_call *call)
{
    bool in_time = call_ends_by_cancel(call);
    char what[128];
    char text[128];

    snprintf(what, sizeof what, "WSPCancelBlockingCall in the callback of %s",
             call_function_name(call));
    require_outcome(NEEDED("provider"), what, call->cancel, ONE_OF(RETURNS(0)));
    snprintf(what, sizeof what, "%s after a cancel", call_function_name(call));
    require_that(NEEDED("provider"), in_time && call->outcome.failed, what,
                 "it fails, with whatever code", "%s",
                 in_time ? outcome_text(text, sizeof text, call->outcome) : "still blocked");
    prove_cancelled(call);
    return call->outcome;
}

bool join_raced(struct blocked_call *call, bool late_cancel, struct demand demand,
                const struct acceptable *set)
{
    bool in_time = call_ends_by_cancel(call);
    char what[128];

    if (!judge_cancel(call, late_cancel ? ONE_OF(RETURNS(0), FAILS_WITH(WSAEINVAL))
                                        : ONE_OF(RETURNS(0)))) {
        return false;
    }
    judge_end(call, in_time, demand);
    if (!in_time) {
        return false;
    }
    snprintf(what, sizeof what, "%s, cancelled while it could complete", call_function_name(call));
    if (!expect_outcome(demand, what, call->outcome, set)) {
        return false;
    }
    prove(PROOF_BLOCKED, "blocking callback %u on %s, inside %s", call->script.at,
          client_name(call->client), call_function_name(call));
    prove(PROOF_CALLBACK, "called %u times", call_callbacks(call));
    if (!call->outcome.failed) {
        prove(PROOF_COMPLETED, "%s returned", call_function_name(call));
    }
    return true;
}

bool join_completed(struct blocked_call *call, struct demand demand, const struct acceptable *set)
{
    bool in_time = wait_for_return(call, settings.budgets.data);
    char what[128];

    if (!in_time) {
        rescue(call);
        snprintf(what, sizeof what, "%s once it can complete", call_function_name(call));
        expect_that(ending(demand), false, what, "it returns", "still blocked after %lu ms",
                    call_budget(call, settings.budgets.data));
        return false;
    }
    snprintf(what, sizeof what, "%s, which is free to complete", call_function_name(call));
    if (!expect_outcome(demand, what, call->outcome, set)) {
        return false;
    }
    prove(PROOF_COMPLETED, "%s returned", call_function_name(call));
    return true;
}

bool expect_still_blocked(struct blocked_call *call, struct demand demand, const char *what)
{
    unsigned before = call_callbacks(call);
    char text[128];
    bool blocked;

    if (settings.mode == MODE_NO_CALLBACK) {
        blocked = !wait_for_return(call, settings.budgets.quiet);
    } else {
        blocked =
            wait_for_callback(call, before + 2, settings.budgets.hook) || !call_returned(call);
    }
    if (blocked) {
        prove(PROOF_BLOCKED, "%s, and it did not return", what);
    }
    return expect_that(demand, blocked, what, "the call is still blocked", "%s",
                       blocked ? "the call is still blocked"
                               : outcome_text(text, sizeof text, call->outcome));
}
