#include "harness/case.h"

enum { NO_TIMEOUT, LONG_TIMEOUT, A_MINUTE_MS = 60000 };

#define ROW(how, limit, version, address_family)                                                   \
    {                                                                                              \
        .name = #how "_ipv" #version, .function = SPI_WSPSelect, .family = (address_family),       \
        .variant = (limit)                                                                         \
    }

static const struct case_row limits[] = {
    ROW(no_timeout, NO_TIMEOUT, 4, AF_INET),
    ROW(long_timeout, LONG_TIMEOUT, 4, AF_INET),
    ROW(no_timeout, NO_TIMEOUT, 6, AF_INET6),
    ROW(long_timeout, LONG_TIMEOUT, 6, AF_INET6),
    {.name = NULL},
};

/*
 * SELECT-07 (WSPCancelBlockingCall: S10): a select that is cancelled ends as soon as possible, and
 * as cancelled, whether it would have waited for ever or for a minute.
 */
static void ends_with_and_without_a_timeout(const struct case_row *row)
{
    /* A stream on which nothing was sent. */
    struct stage *stage = arrange_blocked(SPI_WSPSelect, row->family);
    struct client *t1 = client_start("T1");

    if (row->variant == LONG_TIMEOUT) {
        stage_set_timeout(stage, A_MINUTE_MS);
    }

    /* T1 blocks in WSPSelect; its callback cancels. */
    struct blocked_call *call = start_call(t1, &stage->operation, CANCELS_AT(1));
    prove_blocked(call, 1);

    /* The select ends long before its time, with WSAEINTR. */
    join_cancelled(call, SHOULD("SELECT-07"));
}

CASE(select, ends_with_and_without_a_timeout) = {
    .run = ends_with_and_without_a_timeout,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-07",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect without a timeout, and one with a timeout of a minute",
    .must = "it fails with WSAEINTR within the budget",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = limits,
};
