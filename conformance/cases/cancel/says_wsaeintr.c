#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "callback/is_called_while_blocked/" #call "_ipv4"},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

enum { A_MINUTE_MS = 60000 };

/*
 * CBC-15 (WSPCancelBlockingCall: S10, S24): the code of a cancelled call is WSAEINTR and none of
 * its neighbours: not that of an aborted operation, nor of a timeout, nor of a shutdown. The code
 * alone tells the client that its call was cancelled.
 */
static void says_wsaeintr(const struct case_row *row)
{
    /* A socket on which the call can only wait, with a timeout of its own where there is one. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    stage_set_timeout(stage, A_MINUTE_MS);

    /* T1 blocks; its callback cancels, and the call fails. That it does is a matter of CBC-02. */
    call = start_call(t1, &stage->operation, CANCELS_AT(1));
    require_failed_by_cancel(call);

    /* Its code is WSAEINTR. */
    expect_outcome(MUST("CBC-15"),
                   about("%s after a cancel that worked", spi_function_name(row->function)),
                   call_outcome(call), ONE_OF(FAILS_WITH(WSAEINTR)));
}

CASE(cancel, says_wsaeintr) = {
    .run = says_wsaeintr,
    .function = FROM_ROW,
    .requirements = "CBC-15",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call that would time out after a minute",
    .must = "the code of the failed call is WSAEINTR and no other",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
