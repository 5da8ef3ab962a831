#include "harness/case.h"
#include "harness/names.h"
#include "harness/overlapped.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family)           \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(recv, WSPRecv, 6, AF_INET6),
    {.name = NULL},
};

/*
 * CBC-08 (WSPCancelBlockingCall: S6): to wait for the result of an overlapped operation may block,
 * too. Once it has its result, nothing is outstanding on the thread.
 */
static void idle_after_a_waited_result(const struct case_row *row)
{
    /* An overlapped receive that is pending. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    static struct result_wait wait;

    begin_pending(t1, stage, BY_EVENT);

    /* T1 waits for its result, which comes as the peer sends; there may be nothing to be seen of
     * the wait before. */
    wait = (struct result_wait){.socket = stage->socket, .overlapped = stage->operation.overlapped};
    result_wait_begin(&wait, t1);
    client_wait(t1, settings.budgets.quiet);
    stage_complete(stage);
    require_that(NEEDED("provider"), client_wait(t1, settings.budgets.data),
                 "WSPGetOverlappedResult that waits for what has come", "it returns", "no return");
    require_outcome(NEEDED("provider"), "WSPGetOverlappedResult that waits for what has come",
                    wait.outcome, ONE_OF(SUCCEEDS));
    prove(PROOF_COMPLETED, "WSPGetOverlappedResult returned TRUE");

    /* T1 cancels; there is nothing to cancel. */
    expect_nothing_to_cancel(
        MUST("CBC-08"),
        about("WSPCancelBlockingCall after WSPGetOverlappedResult, which waited "
              "for the result of %s",
              spi_function_name(row->function)),
        idle_cancel_on(t1, stage->operation.entry));
}

CASE(cancel, idle_after_a_waited_result) = {
    .run = idle_after_a_waited_result,
    .function = SPI_WSPGetOverlappedResult,
    .requirements = "CBC-08",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "waits in WSPGetOverlappedResult until a receive completes, then cancels on its thread",
    .must = "WSPCancelBlockingCall fails with WSAEINVAL",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = calls,
};
