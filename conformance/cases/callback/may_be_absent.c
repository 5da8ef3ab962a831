#include "harness/case.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family)},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

/*
 * BHK-11 (WPUQueryBlockingCallback): a thread need not have a blocking callback; its calls then
 * wait natively, and complete all the same.
 */
static void may_be_absent(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a peer that could let it complete. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    require_that(NEEDED("environment"), row->function != SPI_WSPConnect || stage->peer != NULL,
                 "who is connected to", "a listener that can be made to answer",
                 "an unresponsive address");

    /* The call blocks; WPUQueryBlockingCallback says NULL. */
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_native_wait(call);

    /* Its peer lets it complete. */
    expect_ends(MUST("BHK-11"), stage, call);
}

CASE(callback, may_be_absent) = {
    .run = may_be_absent,
    .function = FROM_ROW,
    .requirements = "BHK-11",
    .level = LEVEL_MUST,
    .modes = MODE_NO_CALLBACK,
    .does = "lets the call block on a thread without a blocking callback, then complete",
    .must = "the call waits, and completes with all that belongs to it when its peer lets it",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .awaits_syn = true,
    .rests_on = "startup/starts",
    .rows = calls,
};
