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

/* How the call completes: by what its peer sends or makes, by the end of the stream, or as its time
 * is up. */
enum { BY_ITS_PEER, AT_THE_END, TIMES_OUT, A_MOMENT_MS = 50 };

#define OTHER_ROW(call, spi, how, completion)                                                      \
    {                                                                                              \
        .name = #call "_" #how "_ipv4", .function = SPI_##spi, .family = AF_INET,                  \
        .variant = (completion), .modes = MODE_DIRECT,                                             \
        .rests_on = "startup/starts callback/is_called_while_blocked/" #call "_ipv4"               \
    }

static const struct case_row calls[] = {
    ROWS(4, AF_INET, DRIVEN_DIRECTLY),
    ROWS(6, AF_INET6, MODE_DIRECT),
    OTHER_ROW(recv, WSPRecv, ends, AT_THE_END),
    OTHER_ROW(select, WSPSelect, times_out, TIMES_OUT),
    {.name = NULL},
};

/* True if it has completed as the row has it. */
static bool completes(const struct case_row *row, struct stage *stage, struct blocked_call *call)
{
    if (row->variant == TIMES_OUT) {
        /* That its time ran out shows that it waited, even if its callback was not due yet. */
        prove(PROOF_BLOCKED, "it waits until its time is up");
        return join_completed(call, NEEDED("provider"), ONE_OF(RETURNS(0)));
    }
    prove_blocked(call, 1);
    if (row->variant == AT_THE_END) {
        peer_shutdown_send(stage->peer);
    } else {
        stage_complete(stage);
    }
    return join_completed(call, NEEDED("provider"), ONE_OF(SUCCEEDS));
}

/*
 * CBC-08 (WSPCancelBlockingCall: S6): once a blocked call has completed there is nothing left to
 * cancel on its thread; be it that it was given what it waited for, or that there is no more to
 * wait for.
 */
static void idle_after_completion(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    if (row->variant == TIMES_OUT) {
        stage_set_timeout(stage, A_MOMENT_MS);
    }

    /* T1 blocks, and the call completes. */
    if (!completes(row, stage, start_call(t1, &stage->operation, GOES_ON))) {
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
