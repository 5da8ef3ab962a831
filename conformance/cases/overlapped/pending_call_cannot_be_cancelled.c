#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, how, completion, version, address_family)                                   \
    {                                                                                              \
        .name = #call "_by_" #how "_ipv" #version, .function = SPI_##spi,                          \
        .family = (address_family), .variant = (completion)                                        \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, event, BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, routine, BY_ROUTINE, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, event, BY_EVENT, 4, AF_INET),
    ROW(send, WSPSend, event, BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, event, BY_EVENT, 6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, event, BY_EVENT, 6, AF_INET6),
    {.name = NULL},
};

/* Room for a send may come by itself; what a receive waits for cannot. */
static bool expect_still_pending(const struct stage *stage)
{
    return stage->function == SPI_WSPSend ||
           expect_that(MUST("CBC-12"), !overlapped_has_completed(stage->operation.overlapped),
                       about("overlapped %s after the cancel", spi_function_name(stage->function)),
                       "still pending", "the client was told that it is complete");
}

/*
 * CBC-12 (WSPCancelBlockingCall: S6): an overlapped call has returned, so it blocks nobody, and
 * while it is pending its thread has nothing to cancel. The provider says so, and the operation
 * completes as if nobody had asked.
 */
static void pending_call_cannot_be_cancelled(const struct case_row *row)
{
    /* Two sockets on which the call can only wait. On the first it is pending, and completes. */
    struct stage *control = arrange_blocked(row->function, row->family);
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");

    begin_pending(t1, control, (enum completion)row->variant);
    if (!expect_pending_completes(NEEDED("provider"), control, t1)) {
        return;
    }

    /* On the second it is pending, too. */
    begin_pending(t1, stage, (enum completion)row->variant);

    /* Its thread cancels; there is nothing to cancel. */
    if (!expect_nothing_to_cancel(MUST("CBC-12"),
                                  about("WSPCancelBlockingCall while an overlapped %s is pending",
                                        spi_function_name(row->function)),
                                  idle_cancel_on(t1, stage->socket->entry))) {
        return;
    }

    /* The operation is still pending, and completes when its peer lets it. */
    if (expect_still_pending(stage)) {
        expect_pending_completes(MUST("CBC-12"), stage, t1);
    }
}

CASE(overlapped, pending_call_cannot_be_cancelled) = {
    .run = pending_call_cannot_be_cancelled,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "CBC-12",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cancels on a thread that has an overlapped operation pending",
    .must = "the cancel fails with WSAEINVAL, and the operation completes",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = calls,
};
