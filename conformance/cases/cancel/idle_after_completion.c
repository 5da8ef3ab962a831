#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family, driven)                                            \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .modes = (driven),                                                                         \
        .rests_on = "startup/starts callback/is_called_while_blocked/" #call "_ipv4"               \
    }

/* Without a callback it takes a while to show that a call waits: one family will do. */
#define ROWS(version, address_family, driven)                                                      \
    ROW(accept, WSPAccept, version, address_family, driven),                                       \
        ROW(select, WSPSelect, version, address_family, driven),                                   \
        ROW(recv, WSPRecv, version, address_family, driven),                                       \
        ROW(recvfrom, WSPRecvFrom, version, address_family, driven),                               \
        ROW(send, WSPSend, version, address_family, driven)

static const struct case_row calls[] = {
    ROWS(4, AF_INET, DRIVEN_DIRECTLY), ROWS(6, AF_INET6, MODE_DIRECT), {.name = NULL}};

/*
 * CBC-08 (WSPCancelBlockingCall: S6): once a blocked call has completed there is nothing left to
 * cancel on its thread.
 */
static void idle_after_completion(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks, and its peer lets the call complete. */
    struct blocked_call *call = start_call(t1, &stage->operation, GOES_ON);
    prove_blocked(call, 1);
    stage_complete(stage);
    if (!join_completed(call, NEEDED("provider"), ONE_OF(SUCCEEDS))) {
        return;
    }

    /* T1 cancels; there is nothing to cancel. */
    expect_nothing_to_cancel(MUST("CBC-08"),
                             about("WSPCancelBlockingCall after %s, which blocked and completed",
                                   spi_function_name(row->function)),
                             idle_cancel_on(t1, stage->operation.entry));
}

CASE(cancel, idle_after_completion) = {
    .run = idle_after_completion,
    .function = FROM_ROW,
    .requirements = "CBC-08",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "lets a blocked call complete, then cancels on its thread",
    .must = "WSPCancelBlockingCall fails with WSAEINVAL",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .rows = calls,
};
