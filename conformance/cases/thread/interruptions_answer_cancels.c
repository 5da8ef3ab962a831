#include "harness/case.h"
#include "harness/evidence.h"

#include <stdio.h>

/* More threads than processors, and enough calls for them to get into each other's way. */
enum { THREADS = 8, CALLS = 48, FEW = 4, SHORT_MS = 2 };

/* One thread, and the calls that it makes one after the other. */
struct caller {
    char name[8];
    struct client *client;
    struct operation operations[CALLS];
    struct blocked_call *calls[CALLS];
    volatile LONG made;
    volatile LONG is_over;
};

static bool is_to_be_cancelled(int nth)
{
    return nth % 2 == 0;
}

static void plan_calls(struct caller *caller, int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPSelect, family);

    caller->client = client_start(caller->name);
    for (int i = 0; i < CALLS; i++) {
        caller->operations[i] = operation_again(&stage->operation);
        if (!is_to_be_cancelled(i)) {
            caller->operations[i].timeout = read_only_timeval(0, SHORT_MS * 1000L);
        }
        caller->calls[i] = plan_call(caller->client, &caller->operations[i],
                                     is_to_be_cancelled(i) ? CANCELS_AT(1) : GOES_ON);
    }
}

/* With a slow provider it makes fewer of them. */
static void make_calls(void *argument)
{
    struct caller *caller = argument;
    int64_t end = evidence_now() + (int64_t)settings.budgets.whole * 1000 / 3;

    for (int i = 0; i < CALLS && !caller->is_over && evidence_now() < end; i++) {
        make_planned_call(caller->calls[i]);
        InterlockedIncrement(&caller->made);
    }
}

/* Waits for the calls of one thread; a call that does not end although it was cancelled is judged.
 */
static void wait_for_calls(struct caller *caller)
{
    DWORD budget = settings.budgets.whole / 3 + settings.budgets.hook + settings.budgets.cancel;

    if (!client_wait(caller->client, budget)) {
        struct blocked_call *call = caller->calls[caller->made];
        bool was_cancelled = call_cancels(call) > 0 && outcome_is_zero(call_cancel_outcome(call));
        InterlockedExchange(&caller->is_over, 1);
        rescue(call);
        stop_case(was_cancelled ? ending(SHOULD("THR-07")) : NEEDED("provider"),
                  about("call %ld to WSPSelect on %s, beside the same on %d other threads",
                        caller->made + 1, caller->name, THREADS - 1),
                  "it returns",
                  was_cancelled ? "no return, although a cancel in it returned 0" : "no return");
    }
    require_that(NEEDED("provider"), caller->made >= FEW,
                 about("calls to WSPSelect on %s", caller->name), about("at least %d", FEW), "%ld",
                 caller->made);
}

/* Every other call was cancelled; those between had a timeout. */
static void judge_calls(const struct caller *caller)
{
    int cancelled = 0;
    int interrupted = 0;
    int wrong = 0;

    for (int i = 0; i < caller->made; i++) {
        const struct blocked_call *call = caller->calls[i];
        bool was_cancelled = call_cancels(call) > 0 && outcome_is_zero(call_cancel_outcome(call));
        bool was_interrupted = outcome_is_error(call_outcome(call), WSAEINTR);
        cancelled += was_cancelled;
        interrupted += was_interrupted;
        wrong += was_cancelled != was_interrupted;
    }
    expect_holds(SHOULD("THR-07"), wrong == 0,
                 about("%ld calls to WSPSelect on %s, beside the same on %d other threads",
                       caller->made, caller->name, THREADS - 1),
                 "WSAEINTR from each that was cancelled, and from no other",
                 "%d cancels returned 0, %d calls failed with WSAEINTR, %d do not fit", cancelled,
                 interrupted, wrong);
}

/*
 * THR-07 (WSPCancelBlockingCall: S7, S24): however many threads cancel and are called back at the
 * same time, an interruption is the answer to one cancel, made on the same thread.
 */
static void interruptions_answer_cancels(const struct case_row *row)
{
    /* Sockets on which nothing happens, one for each of several threads. */
    static struct caller callers[THREADS];
    struct stage *stage = arrange_blocked(SPI_WSPSelect, row->family);

    for (int i = 0; i < THREADS; i++) {
        snprintf(callers[i].name, sizeof callers[i].name, "T%d", i + 1);
        plan_calls(&callers[i], row->family);
    }

    /* One call is cancelled, to see that it can be. */
    require_cancelled(start_call(callers[0].client, &stage->operation, CANCELS_AT(1)));

    /* All at once, they block in WSPSelect; one call is cancelled, the next has a short timeout. */
    for (int i = 0; i < THREADS; i++) {
        client_post(callers[i].client, make_calls, &callers[i]);
    }
    for (int i = 0; i < THREADS; i++) {
        wait_for_calls(&callers[i]);
    }

    /* The calls that were cancelled are those that were interrupted. */
    for (int i = 0; i < THREADS; i++) {
        judge_calls(&callers[i]);
    }
}

CASE(thread, interruptions_answer_cancels) = {
    .run = interruptions_answer_cancels,
    .function = SPI_WSPSelect,
    .requirements = "THR-07 RACE-05",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "blocks 8 threads again and again, and cancels every other call",
    .must = "WSAEINTR comes from each call that was cancelled, and from no other",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = BOTH_FAMILIES(WSPSelect),
};
