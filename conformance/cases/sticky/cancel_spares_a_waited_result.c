#include "harness/case.h"
#include "harness/names.h"
#include "harness/overlapped.h"

#include <stdlib.h>

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

static struct stage *arrange_pending(const struct case_row *row, struct client *t1)
{
    enum spi_function function = row->function == SPI_WSPRecvFrom ? SPI_WSPRecvFrom : SPI_WSPRecv;
    struct stage *stage = arrange_blocked(function, row->family);

    begin_pending(t1, stage, BY_EVENT);
    return stage;
}

/* The result comes as the peer sends, and not before; judged under the demand. */
static bool expect_waited_result(struct demand demand, const char *what, struct client *t1,
                                 struct stage *pending)
{
    struct result_wait *wait = malloc(sizeof *wait);
    char text[128];

    *wait = (struct result_wait){.socket = pending->socket,
                                 .overlapped = pending->operation.overlapped};
    result_wait_begin(wait, t1);
    if (client_wait(t1, settings.budgets.quiet)) {
        return expect_that(demand, false, what, "it waits until the operation is complete",
                           "%s, at once", outcome_text(text, sizeof text, wait->outcome));
    }
    stage_complete(pending);
    if (!client_wait(t1, settings.budgets.data)) {
        provider_skip_clean_up();
        stop_case(ending(demand), what, "it returns when the operation is complete", "no return");
    }
    return expect_outcome(demand, what, wait->outcome, ONE_OF(SUCCEEDS));
}

/*
 * STICKY-01 (WSPCancelBlockingCall: S7, S22): a cancel ends the call it was made in, and no wait of
 * that thread for the result of an overlapped operation that comes later.
 */
static void cancel_spares_a_waited_result(const struct case_row *row)
{
    /* A socket on which the call can only wait, and two overlapped receives that are pending. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct stage *control = arrange_pending(row, t1);
    struct stage *pending = arrange_pending(row, t1);

    /* T1 waits for the result of the first, as it should. */
    if (!expect_waited_result(NEEDED("provider"),
                              "WSPGetOverlappedResult that waits, before any cancel", t1,
                              control)) {
        return;
    }

    /* T1 blocks; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* T1 waits for the result of the second no differently. */
    if (expect_waited_result(MUST("STICKY-01"),
                             about("WSPGetOverlappedResult that waits, on the thread whose %s was "
                                   "cancelled",
                                   spi_function_name(row->function)),
                             t1, pending)) {
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
