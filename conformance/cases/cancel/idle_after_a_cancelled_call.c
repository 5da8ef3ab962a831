#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"},

enum { UNTIMED, TIMED, A_MINUTE_MS = 60000 };

#define TIMED_ROW(call, spi)                                                                       \
    {                                                                                              \
        .name = #call "_timed_ipv4", .function = SPI_##spi, .family = AF_INET, .variant = TIMED,   \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    SIX_CALLS_BOTH_FAMILIES(ROW) TIMED_ROW(select, WSPSelect),
    TIMED_ROW(recv, WSPRecv),
    TIMED_ROW(recvfrom, WSPRecvFrom),
    TIMED_ROW(send, WSPSend),
    {.name = NULL},
};

/*
 * CBC-09 (WSPCancelBlockingCall: S6): once a cancelled call has returned there is nothing left to
 * cancel on its thread.
 */
static void idle_after_a_cancelled_call(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    if (row->variant == TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }

    /* T1 blocks; its callback cancels, and the call returns. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* T1 cancels again; there is nothing to cancel. */
    expect_nothing_to_cancel(MUST("CBC-09"),
                             about("WSPCancelBlockingCall after %s, which was cancelled",
                                   spi_function_name(row->function)),
                             idle_cancel_on(t1, stage->operation.entry));
}

CASE(cancel, idle_after_a_cancelled_call) = {
    .run = idle_after_a_cancelled_call,
    .function = FROM_ROW,
    .requirements = "CBC-09",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "cancels a blocked call, then cancels again on its thread",
    .must = "the second WSPCancelBlockingCall fails with WSAEINVAL",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
