#include "harness/case.h"
#include "harness/names.h"

/* What is pending, and how its client is to hear of its completion. */
enum pending { RECV_BY_EVENT, RECV_BY_ROUTINE, RECVFROM_BY_EVENT, SEND_BY_EVENT, IOCTL_BY_EVENT };

#define ROW(call, spi, pending_one, which, version, address_family)                                \
    {                                                                                              \
        .name = #call "_beside_" #pending_one "_ipv" #version, .function = SPI_##spi,              \
        .family = (address_family), .variant = (which), .proofs = PROOF_COMPLETED,                 \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

/* Nobody can let it complete. */
#define BESIDE_AN_AWAITED_CHANGE(call, spi, version, address_family)                               \
    {                                                                                              \
        .name = #call "_beside_ioctl_by_event_ipv" #version, .function = SPI_##spi,                \
        .family = (address_family), .variant = IOCTL_BY_EVENT,                                     \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(connect, WSPConnect, recv_by_event, RECV_BY_EVENT, 4, AF_INET),
    ROW(accept, WSPAccept, recv_by_event, RECV_BY_EVENT, 4, AF_INET),
    ROW(select, WSPSelect, recv_by_event, RECV_BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, recv_by_event, RECV_BY_EVENT, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, recv_by_event, RECV_BY_EVENT, 4, AF_INET),
    ROW(send, WSPSend, recv_by_event, RECV_BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, recv_by_routine, RECV_BY_ROUTINE, 4, AF_INET),
    ROW(recv, WSPRecv, recvfrom_by_event, RECVFROM_BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, send_by_event, SEND_BY_EVENT, 4, AF_INET),
    ROW(recv, WSPRecv, recv_by_event, RECV_BY_EVENT, 6, AF_INET6),
    ROW(recv, WSPRecv, recv_by_routine, RECV_BY_ROUTINE, 6, AF_INET6),
    BESIDE_AN_AWAITED_CHANGE(recv, WSPRecv, 4, AF_INET),
    BESIDE_AN_AWAITED_CHANGE(select, WSPSelect, 4, AF_INET),
    {.name = NULL},
};

static enum spi_function function_of(enum pending pending)
{
    switch (pending) {
    case RECVFROM_BY_EVENT:
        return SPI_WSPRecvFrom;
    case SEND_BY_EVENT:
        return SPI_WSPSend;
    case IOCTL_BY_EVENT:
        return SPI_WSPIoctl;
    default:
        return SPI_WSPRecv;
    }
}

/*
 * OVL-01 (WSPCancelBlockingCall: S7): a cancel is for the call that blocks the thread. What the
 * thread has begun on another socket does not block it, so it stays as it is. A provider that
 * cancels all that the thread has under way, as CancelIo does it, calls it off.
 */
static void survives_a_cancelled_call(const struct case_row *row)
{
    enum pending which = (enum pending)row->variant;
    enum completion how = which == RECV_BY_ROUTINE ? BY_ROUTINE : BY_EVENT;

    /* Two sockets for overlapped operations; on the first one is pending, and completes. */
    struct client *t1 = client_start("T1");
    struct stage *pending;
    struct stage *stage;

    if (!another_pending_completes(t1, function_of(which), row->family, how)) {
        return;
    }
    pending = arrange_blocked(function_of(which), row->family);
    stage = arrange_blocked(row->function, row->family);

    /* On the second one is pending, too; its thread blocks on a third socket, and cancels. */
    begin_pending(t1, pending, how);
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The operation is still pending, and completes when its peer lets it. */
    if (expect_still_pending(MUST("OVL-01"),
                             about("overlapped %s after a cancelled %s on another socket",
                                   spi_function_name(pending->function),
                                   spi_function_name(stage->function)),
                             pending) &&
        which != IOCTL_BY_EVENT) {
        expect_pending_completes(MUST("OVL-01"), pending, t1);
    }
}

CASE(overlapped, survives_a_cancelled_call) = {
    .run = survives_a_cancelled_call,
    .function = FROM_ROW,
    .requirements = "OVL-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call of a thread that has an overlapped operation pending elsewhere",
    .must = "the operation stays pending, and completes when its peer lets it",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
