#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "callback/is_called_while_blocked/" #call "_ipv4",                                \
     .gate = (version) == 4},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

/* As ws2_32 answers after a cancel that worked. */
static bool answered_false(const struct blocked_call *call)
{
    return call_returned(call) && call_callbacks(call) > 0 &&
           !call_record(call)->callback[0].answer;
}

/*
 * CBC-02, CBC-21 (WSPCancelBlockingCall: S1, S10): a blocked call that is cancelled from its
 * blocking callback ends, as soon as the callback has returned, with WSAEINTR.
 */
static void ends_the_blocked_call(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");

    /* The callback cancels when it is first called. */
    struct blocked_call *call = start_call(t1, &stage->operation, CANCELS_AT(1));

    /* The cancel says 0, the call says WSAEINTR. */
    join_cancelled(call, MUST("CBC-02"));
    if (answered_false(call)) {
        expect_outcome(MUST("CBC-21"),
                       about("%s, whose callback cancelled it and answered FALSE",
                             spi_function_name(row->function)),
                       call_outcome(call), ONE_OF(FAILS_WITH(WSAEINTR)));
    }
}

CASE(cancel, ends_the_blocked_call) = {
    .run = ends_the_blocked_call,
    .function = FROM_ROW,
    .requirements = "CBC-02 CBC-01 CBC-21",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels the blocked call from its blocking callback",
    .must = "the cancel returns 0, and the call fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
