#include "harness/case.h"
#include "harness/names.h"
#include "harness/race.h"

enum { ROUNDS = 6 };

static const struct case_row calls[] = {RACED_CALLS, {.name = NULL}};

/* Nobody cancels this call: it waits, and completes when its peer lets it. */
static bool expect_uncancelled(struct client *client, struct stage *stage, const char *where)
{
    struct blocked_call *call = start_call(client, &stage->operation, GOES_ON);

    return expect_still_blocked(call, MUST("STICKY-04"),
                                about("%s %s, after a call that completed in spite of its cancel",
                                      spi_function_name(stage->function), where)) &&
           expect_completes(MUST("STICKY-04"), stage, call);
}

static struct client *t2;

/* The thread's next call is another one, elsewhere; the socket's next call is another thread's. */
static bool expect_spent(struct client *t1, struct stage *stage)
{
    enum spi_function other = stage->function == SPI_WSPSelect ? SPI_WSPAccept : SPI_WSPSelect;

    return expect_uncancelled(t1, arrange_blocked(other, stage->family),
                              "of the same thread on another socket") &&
           expect_uncancelled(t2, arrange_again(stage), "of another thread on the same socket");
}

/*
 * STICKY-04 (WSPCancelBlockingCall: S23): a call that completed in spite of its cancel is as if it
 * had never been cancelled. A cancel that is kept until it finds something to end, in the thread or
 * in the socket, ends a call that nobody cancelled.
 */
static void cancel_of_a_completed_call_is_spent(const struct case_row *row)
{
    t2 = client_start("T2");
    race_for_completed(&(struct race){
        .function = row->function,
        .family = row->family,
        .timeout_ms = (DWORD)row->variant,
        .rounds = ROUNDS,
        .look = expect_spent,
    });
}

CASE(sticky, cancel_of_a_completed_call_is_spent) = {
    .run = cancel_of_a_completed_call_is_spent,
    .function = FROM_ROW,
    .requirements = "STICKY-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels blocked calls as they can complete; after those that do, calls again",
    .must = "neither the thread's next call nor the socket's next call is cancelled",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
