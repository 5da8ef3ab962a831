#include "harness/case.h"

enum { CANCELLED, TIMED_OUT, SUCCEEDED };

#define ROW(how, ending, gate_case, more_proofs, version, address_family)                          \
    {                                                                                              \
        .name = #how "_ipv" #version, .function = SPI_WSPSelect, .family = (address_family),       \
        .rests_on = (gate_case), .variant = (ending), .proofs = (more_proofs)                      \
    }

#define ROWS(version, family)                                                                      \
    ROW(cancelled, CANCELLED, "cancel/ends_the_blocked_call/select_ipv4",                          \
        PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED, version, family),                        \
        ROW(timed_out, TIMED_OUT, "callback/is_called_while_blocked/select_ipv4", PROOF_COMPLETED, \
            version, family),                                                                      \
        ROW(succeeded, SUCCEEDED, "callback/is_called_while_blocked/select_ipv4",                  \
            PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED, version, family)

static const struct case_row endings[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

static bool expect_end(struct client *t1, struct stage *stage, intptr_t ending)
{
    struct blocked_call *call =
        start_call(t1, &stage->operation, ending == CANCELLED ? CANCELS_AT(1) : GOES_ON);

    switch (ending) {
    case CANCELLED:
        return join_cancelled(call, MUST("SELECT-05"));
    case TIMED_OUT:
        return join_completed(call, MUST("SELECT-05"), ONE_OF(RETURNS(0)));
    default:
        prove_blocked(call, 1);
        stage_complete(stage);
        return join_completed(call, MUST("SELECT-05"), ONE_OF(RETURNS(1)));
    }
}

/*
 * SELECT-05 (WSPSelect): the timeout belongs to the client. However the select ends, by a cancel,
 * by time-out or with a socket that is ready, it does not write to it, not even what stands there.
 */
static void timeval_is_left_alone(const struct case_row *row)
{
    /* A stream on which nothing was sent, and a timeout on a page that cannot be written to. */
    struct stage *stage = arrange_blocked(SPI_WSPSelect, row->family);
    struct client *t1 = client_start("T1");
    struct timeval limit = {.tv_sec = 60};

    if (row->variant == TIMED_OUT) {
        limit = (struct timeval){.tv_usec = 20000};
    }
    stage->operation.timeout = read_only_timeval(limit.tv_sec, limit.tv_usec);

    /* T1 blocks in WSPSelect, which ends as the row says; to write to the page is a crash. */
    expect_end(t1, stage, row->variant);

    /* The timeout is what it was. */
    expect_bytes(MUST("SELECT-05"), "the timeout after WSPSelect has returned", &limit,
                 stage->operation.timeout, sizeof limit);
}

CASE(select, timeval_is_left_alone) = {
    .run = timeval_is_left_alone,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "hands WSPSelect a timeout that cannot be written to, and lets it end",
    .must = "it ends as it should, and the timeout is not written to",
    .proofs = PROOF_STARTED,
    .rows = endings,
};
