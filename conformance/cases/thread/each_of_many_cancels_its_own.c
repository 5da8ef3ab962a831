#include "harness/case.h"
#include "harness/evidence.h"

#include <stdio.h>

/* More than a provider has room for that tells threads apart by four bits of something. */
enum { THREADS = 17, HALF = 8 };

/* One thread that is blocked. */
struct blocker {
    char name[8];
    struct stage *stage;
    struct blocked_call *call;
    volatile LONG told; /* its callback is to cancel */
};

static void block(struct blocker *blocker)
{
    blocker->call = start_call(client_start(blocker->name), &blocker->stage->operation,
                               CANCELS_WHEN_TOLD(&blocker->told));
    prove_blocked(blocker->call, 1);
}

/* They all have the same time to return. */
static void wait_for_all(struct blocker *first, const struct blocker *end)
{
    DWORD budget = settings.budgets.hook + settings.budgets.cancel;
    int64_t deadline = evidence_now() + (int64_t)budget * 1000;

    for (struct blocker *blocker = first; blocker < end; blocker++) {
        int64_t left = deadline - evidence_now();
        wait_for_return(blocker->call, left > 0 ? (DWORD)(left / 1000) : 0);
    }
}

/* Those from `first` to `end` cancel at the same time; the calls from `end` on go on waiting. */
static bool cancel_their_own(struct blocker *first, struct blocker *end, const struct blocker *last)
{
    for (struct blocker *blocker = first; blocker < end; blocker++) {
        InterlockedExchange(&blocker->told, 1);
    }
    wait_for_all(first, end);
    for (const struct blocker *other = end; other <= last; other++) {
        if (!expect_that(
                MUST("THR-01"), !call_returned(other->call),
                about("WSPRecv on %s, one of %d blocked threads, after cancels on %s to %s",
                      other->name, THREADS, first->name, end[-1].name),
                "still blocked", "it has returned")) {
            return false;
        }
    }
    for (struct blocker *blocker = first; blocker < end; blocker++) {
        if (!join_cancelled(blocker->call, MUST("THR-01"))) {
            return false;
        }
    }
    return true;
}

/*
 * THR-01 (WSPCancelBlockingCall: S7): however many threads are blocked, a cancel is for the one
 * that makes it. A provider that tells them apart by less than the whole of their ids takes one for
 * another sooner or later.
 */
static void each_of_many_cancels_its_own(const struct case_row *row)
{
    /* A connection for each of many threads. */
    static struct blocker blockers[THREADS];
    struct blocker *last = &blockers[THREADS - 1];

    for (int i = 0; i < THREADS; i++) {
        snprintf(blockers[i].name, sizeof blockers[i].name, "T%d", i + 1);
        blockers[i].stage = arrange_blocked(SPI_WSPRecv, row->family);
    }

    /* They all block in WSPRecv. */
    for (int i = 0; i < THREADS; i++) {
        block(&blockers[i]);
    }

    /* Half of them cancel; their calls end, and the others go on waiting. Then all but one do. */
    if (!cancel_their_own(blockers, &blockers[HALF], last) ||
        !cancel_their_own(&blockers[HALF], last, last)) {
        return;
    }

    /* The last one waits still, and gets what its peer sends. */
    expect_completes(MUST("THR-01"), last->stage, last->call);
}

CASE(thread, each_of_many_cancels_its_own) = {
    .run = each_of_many_cancels_its_own,
    .function = SPI_WSPRecv,
    .requirements = "THR-01 CBC-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels on 8 of 17 blocked threads, then on 8 more",
    .must = "each cancel ends the call of its own thread; the last thread gets its data",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = BOTH_FAMILIES(WSPRecv),
};
