#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, how, completion, version, address_family)                                   \
    {                                                                                              \
        .name = #call "_by_" #how "_ipv" #version, .function = SPI_##spi,                          \
        .family = (address_family), .variant = (completion), .proofs = PROOF_COMPLETED             \
    }
/* Nobody can let it complete. */
#define AWAITED_CHANGE(how, completion, version, address_family)                                   \
    {                                                                                              \
        .name = "ioctl_by_" #how "_ipv" #version, .function = SPI_WSPIoctl,                        \
        .family = (address_family), .variant = (completion)                                        \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, event, BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, routine, BY_ROUTINE, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, event, BY_EVENT, 4, AF_INET),
    ROW(send, WSPSend, event, BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, event, BY_EVENT, 6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, event, BY_EVENT, 6, AF_INET6),
    AWAITED_CHANGE(event, BY_EVENT, 4, AF_INET),
    AWAITED_CHANGE(routine, BY_ROUTINE, 4, AF_INET),
    AWAITED_CHANGE(event, BY_EVENT, 6, AF_INET6),
    {.name = NULL},
};

/*
 * CBC-12 (WSPCancelBlockingCall: S6): an overlapped call has returned, so it blocks nobody, and
 * while it is pending its thread has nothing to cancel. The provider says so, and the operation
 * completes as if nobody had asked.
 */
static void pending_call_cannot_be_cancelled(const struct case_row *row)
{
    /* Two sockets on which the call can only wait. On the first it is pending, and completes. */
    struct client *t1 = client_start("T1");
    struct stage *stage;

    if (!another_pending_completes(t1, row->function, row->family, (enum completion)row->variant)) {
        return;
    }
    stage = arrange_blocked(row->function, row->family);

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
    if (expect_still_pending(
            MUST("CBC-12"),
            about("overlapped %s after the cancel", spi_function_name(row->function)), stage) &&
        row->function != SPI_WSPIoctl) {
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
    .must = "the cancel fails with WSAEINVAL, and the operation stays pending, and completes",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = calls,
};
