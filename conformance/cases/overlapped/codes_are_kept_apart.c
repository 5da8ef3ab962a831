#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, how, completion, version, address_family)                                   \
    {                                                                                              \
        .name = #call "_and_recv_by_" #how "_ipv" #version, .function = SPI_##spi,                 \
        .family = (address_family), .variant = (completion),                                       \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }
#define ROWS(version, family)                                                                      \
    ROW(connect, WSPConnect, routine, BY_ROUTINE, version, family),                                \
        ROW(accept, WSPAccept, routine, BY_ROUTINE, version, family),                              \
        ROW(select, WSPSelect, routine, BY_ROUTINE, version, family),                              \
        ROW(recv, WSPRecv, routine, BY_ROUTINE, version, family),                                  \
        ROW(recv, WSPRecv, event, BY_EVENT, version, family),                                      \
        ROW(recvfrom, WSPRecvFrom, routine, BY_ROUTINE, version, family),                          \
        ROW(send, WSPSend, routine, BY_ROUTINE, version, family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/*
 * OVL-06 (error codes overview): WSA_OPERATION_ABORTED is for overlapped operations that were
 * called off because their socket was closed, WSAEINTR for blocking calls that
 * WSPCancelBlockingCall has interrupted. So a thread that has one of each hears either code where
 * it belongs.
 */
static void codes_are_kept_apart(const struct case_row *row)
{
    /* A socket for an overlapped operation, and one on which the call can only wait. */
    struct stage *pending = arrange_blocked(SPI_WSPRecv, row->family);
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    const char *name = spi_function_name(row->function);
    struct closed_pending closed;
    struct outcome outcome;

    /* T1 has the operation pending, and blocks in the call; its callback cancels. */
    begin_pending(t1, pending, (enum completion)row->variant);
    outcome = require_failed_by_cancel(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* It does not end as an overlapped operation would. */
    if (!expect_that(MUST("OVL-06"), !outcome_is_error(outcome, WSA_OPERATION_ABORTED),
                     about("error of a blocked %s that was cancelled", name),
                     "another than WSA_OPERATION_ABORTED (995), which is for overlapped operations",
                     "%d", outcome.error)) {
        return;
    }

    /* The socket of the operation is closed, which does not end it as a blocking call. */
    closed = close_while_pending(pending, t1);
    require_that(NEEDED("provider"), closed.told, "overlapped WSPRecv, once its socket is closed",
                 "its client hears of it", "no word of it within %lu ms", settings.budgets.data);
    prove(PROOF_COMPLETED, "overlapped WSPRecv ended by WSPCloseSocket");
    expect_that(MUST("OVL-06"), !closed.status_known || closed.status != WSAEINTR,
                "status of an overlapped WSPRecv that WSPCloseSocket ended",
                "another than WSAEINTR (10004), which is for blocking calls", "%d", closed.status);
}

CASE(overlapped, codes_are_kept_apart) = {
    .run = codes_are_kept_apart,
    .function = FROM_ROW,
    .requirements = "OVL-06",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call of a thread, and closes the socket of its overlapped operation",
    .must = "the call does not fail with WSA_OPERATION_ABORTED, nor the operation with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rows = calls,
};
