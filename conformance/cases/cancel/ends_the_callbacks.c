#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

/*
 * CBC-18 (WSPCancelBlockingCall: S12): when the blocking callback that cancelled a call has
 * returned, that call has no more use for it.
 */
static void ends_the_callbacks(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks; its first callback cancels, later ones would only say: go on. */
    struct blocked_call *call = start_call(t1, &stage->operation, CANCELS_AT(1));
    require_cancelled(call);

    /* There were no later ones. */
    expect_number(SHOULD("CBC-18"),
                  about("blocking callbacks in %s after the one that cancelled it",
                        spi_function_name(row->function)),
                  0, (int64_t)call_callbacks(call) - 1 + callback_strays());
}

CASE(cancel, ends_the_callbacks) = {
    .run = ends_the_callbacks,
    .function = FROM_ROW,
    .requirements = "CBC-18",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call from its first blocking callback",
    .must = "the blocking callback is not called again",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
