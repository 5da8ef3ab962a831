#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, how, completion, version, address_family)                                   \
    {                                                                                              \
        .name = #call "_by_" #how "_ipv" #version, .function = SPI_##spi,                          \
        .family = (address_family), .variant = (completion)                                        \
    }
#define ROWS(version, family)                                                                      \
    ROW(recv, WSPRecv, event, BY_EVENT, version, family),                                          \
        ROW(recv, WSPRecv, routine, BY_ROUTINE, version, family),                                  \
        ROW(recvfrom, WSPRecvFrom, event, BY_EVENT, version, family),                              \
        ROW(recvfrom, WSPRecvFrom, routine, BY_ROUTINE, version, family),                          \
        ROW(send, WSPSend, event, BY_EVENT, version, family),                                      \
        ROW(send, WSPSend, routine, BY_ROUTINE, version, family),                                  \
        ROW(ioctl, WSPIoctl, event, BY_EVENT, version, family),                                    \
        ROW(ioctl, WSPIoctl, routine, BY_ROUTINE, version, family)

/* Added to how: a second one is pending on the same socket. */
enum { TWO = 0x100 };

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    ROW(two_recv, WSPRecv, event, BY_EVENT | TWO, 4, AF_INET),
    ROW(two_recv, WSPRecv, routine, BY_ROUTINE | TWO, 4, AF_INET),
    ROW(two_recvfrom, WSPRecvFrom, event, BY_EVENT | TWO, 4, AF_INET),
    {.name = NULL},
};

static bool expect_told(bool told, enum completion how, const char *what)
{
    return expect_holds(MUST("CLOSE-02"), told, what,
                        how == BY_EVENT ? "its event is set" : "its completion routine is run",
                        "neither its event nor its routine tells of it within %lu ms",
                        settings.budgets.data);
}

/*
 * CLOSE-02 (WSPCloseSocket; K9): overlapped operations that are pending when their socket is closed
 * fail with WSA_OPERATION_ABORTED, and what their client wants to hear of them it hears: the event
 * is set, the completion routine is run. A client without a word would keep its memory for them
 * for good.
 */
static void ends_overlapped_calls(const struct case_row *row)
{
    /* Two sockets on which the call can only wait. On the first it is pending, and completes. */
    enum completion how = (enum completion)(row->variant & ~TWO);
    struct client *t1 = client_start("T1");
    const char *name = spi_function_name(row->function);
    struct closed_pending closed;
    struct stage *second = NULL;
    struct stage *stage;

    if (!another_pending_completes(t1, row->function, row->family, how)) {
        return;
    }
    stage = arrange_blocked(row->function, row->family);

    /* On the second it is pending, too, or two of them are, when the client closes the socket. */
    begin_pending(t1, stage, how);
    if (row->variant & TWO) {
        second = arrange_again(stage);
        begin_pending(t1, second, how);
    }
    closed = close_while_pending(stage, t1);

    /* Its client hears of it, and hears that it was called off. */
    if (!expect_told(closed.told, how,
                     about("overlapped %s that was pending at WSPCloseSocket", name))) {
        return;
    }
    if (second != NULL &&
        !expect_told(overlapped_wait(second->operation.overlapped, t1, settings.budgets.data), how,
                     about("the second overlapped %s that was pending at WSPCloseSocket", name))) {
        return;
    }
    prove(PROOF_COMPLETED, "overlapped %s ended by WSPCloseSocket", name);
    if (!closed.status_known) {
        record_choice("an overlapped %s at WSPCloseSocket: its status is the provider's own", name);
        return;
    }
    expect_number(MUST("CLOSE-02"),
                  about("status of the overlapped %s that WSPCloseSocket ended", name),
                  WSA_OPERATION_ABORTED, closed.status);
}

CASE(close, ends_overlapped_calls) = {
    .run = ends_overlapped_calls,
    .function = SPI_WSPCloseSocket,
    .requirements = "CLOSE-02",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "closes the socket of an overlapped operation that is pending",
    .must = "its event is set or its completion routine run, and it failed with "
            "WSA_OPERATION_ABORTED",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = calls,
};
