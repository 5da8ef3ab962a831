#include "harness/case.h"
#include "harness/names.h"
#include "harness/twin.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "startup/starts cancel/ends_the_blocked_call/" #call "_ipv4"},

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET) ROW(select, WSPSelect, 4, AF_INET)
        ROW(recv, WSPRecv, 4, AF_INET) ROW(recvfrom, WSPRecvFrom, 4, AF_INET)
            ROW(recv, WSPRecv, 6, AF_INET6) ROW(send, WSPSend, 4, AF_INET){.name = NULL},
};

static struct outcome refused;

static BOOL cancels_through_the_other(struct callback_turn *turn)
{
    refused = spi_cancel(turn->argument);
    return TRUE;
}

/*
 * THR-06 (WSPCancelBlockingCall: S7): each library answers for its own calls. The one that is asked
 * has none outstanding on the thread, so there is nothing to cancel for it; the call of the other
 * goes on.
 */
static void cancel_spares_another_library(const struct case_row *row)
{
    /* Two libraries, and a socket of the first on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct entry *other = twin_start(stage->operation.entry->kind);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    /* T1 is blocked there, and its callback cancels through the table of the second. */
    call = start_call(t1, &stage->operation, ACTS(cancels_through_the_other, other));
    prove_blocked(call, 1);
    require_that(NEEDED("provider"),
                 wait_for_callback_end(call, 1, settings.budgets.data) || call_returned(call),
                 "the callback that cancels through another library", "it returns", "no return");

    /* There is nothing to cancel; the call completes as it would have. */
    expect_nothing_to_cancel(MUST("THR-06"),
                             about("WSPCancelBlockingCall of another library than that of %s",
                                   spi_function_name(row->function)),
                             refused);
    expect_completes(MUST("THR-06"), stage, call);
    twin_end();
}

CASE(thread, cancel_spares_another_library) = {
    .run = cancel_spares_another_library,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "THR-06",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "cancels through one library while a call of another is blocked on the thread",
    .must = "WSPCancelBlockingCall fails with WSAEINVAL, and the call goes on",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
