#include "harness/case.h"
#include "harness/names.h"
#include "harness/overlapped.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 6, AF_INET6),
    {.name = NULL},
};

/*
 * STICKY-01 (WSPCancelBlockingCall: S7, S22): a cancel ends the call it was made in, and no wait of
 * that thread for the result of an overlapped operation that comes later.
 */
static void cancel_spares_a_waited_result(const struct case_row *row)
{
    /* A socket on which the call can only wait, and an overlapped receive that is pending. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *pending = arrange_blocked(
        row->function == SPI_WSPRecvFrom ? SPI_WSPRecvFrom : SPI_WSPRecv, row->family);
    struct client *t1 = client_start("T1");
    const char *what = about("WSPGetOverlappedResult that waits, on the thread whose %s was "
                             "cancelled",
                             spi_function_name(row->function));
    static struct result_wait wait;

    begin_pending(t1, pending, BY_EVENT);

    /* T1 blocks; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* T1 waits for the result of the receive; it comes as the peer sends, and not before. */
    wait = (struct result_wait){.socket = pending->socket,
                                .overlapped = pending->operation.overlapped};
    result_wait_begin(&wait, t1);
    if (client_wait(t1, settings.budgets.quiet)) {
        char text[128];
        expect_that(MUST("STICKY-01"), false, what, "it waits until the operation is complete",
                    "%s, at once", outcome_text(text, sizeof text, wait.outcome));
        return;
    }
    stage_complete(pending);
    if (!client_wait(t1, settings.budgets.data)) {
        provider_skip_clean_up();
        stop_case(ending(MUST("STICKY-01")), what, "it returns when the operation is complete",
                  "no return");
    }
    if (expect_outcome(MUST("STICKY-01"), what, wait.outcome, ONE_OF(SUCCEEDS))) {
        prove(PROOF_COMPLETED, "WSPGetOverlappedResult returned TRUE");
    }
}

CASE(sticky, cancel_spares_a_waited_result) = {
    .run = cancel_spares_a_waited_result,
    .function = FROM_ROW,
    .requirements = "STICKY-01",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "cancels a blocked call, then waits in WSPGetOverlappedResult on the same thread",
    .must = "the wait ends with the operation, and succeeds",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
