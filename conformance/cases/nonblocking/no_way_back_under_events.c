#include "harness/case.h"

#include "harness/mode.h"

#include <stdlib.h>

#define ROW(way, how, version, address_family)                                                     \
    {                                                                                              \
        .name = #way "_ipv" #version, .family = (address_family), .variant = (how)                 \
    }

enum { AGAIN = 16 };

#define ROWS(version, family)                                                                      \
    ROW(by_event_select, BY_EVENT_SELECT, version, family),                                        \
        ROW(by_async_select, BY_ASYNC_SELECT, version, family),                                    \
        ROW(by_event_select_again, BY_EVENT_SELECT | AGAIN, version, family),                      \
        ROW(by_async_select_again, BY_ASYNC_SELECT | AGAIN, version, family)

static const struct case_row registrations[] = {
    ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/* On a thread of its own, as a socket that is blocking again would hold up the case. */
static bool expect_would_block(const char *when, struct client *t1, const struct stage *stage)
{
    struct operation *receive = malloc(sizeof *receive);
    const char *what = about("WSPRecv %s", when);
    struct blocked_call *call;

    *receive = operation_again(&stage->operation);
    call = start_call(t1, receive, GOES_ON);
    if (!wait_for_return(call, settings.budgets.cancel)) {
        release_call(call);
        return expect_that(MUST("NB-03"), false, what, "WSAEWOULDBLOCK", "it blocks");
    }
    return expect_outcome(MUST("NB-03"), what, call_outcome(call),
                          ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)));
}

/* Again the socket is a blocking one. */
static void expect_blocks_again(struct client *t1, struct stage *stage)
{
    struct blocked_call *call;

    if (expect_outcome(MUST("NB-03"), "WSPIoctl FIONBIO 0 when no events are registered any more",
                       spi_set_nonblocking(stage->socket, false), ONE_OF(RETURNS(0)))) {
        call = start_call(t1, &stage->operation, GOES_ON);
        wait_for_callback(call, 1, settings.budgets.hook);
        expect_completes(MUST("NB-03"), stage, call);
    }
}

/*
 * NB-03 (WSPAsyncSelect, WSPEventSelect): both make the socket non-blocking, and while it is
 * registered there is no way back: FIONBIO with 0 fails with WSAEINVAL, and as it has failed, the
 * socket is non-blocking still. Once the registration has been withdrawn, FIONBIO works.
 */
static void no_way_back_under_events(const struct case_row *row)
{
    /*
     * A connection whose peer does not send, registered for events, once or twice, of which the
     * second takes the place of the first: a receive does not wait.
     */
    struct stage *stage = arrange_blocked(SPI_WSPRecv, row->family);
    struct client *t1 = client_start("T1");
    enum mode_change how = (enum mode_change)(row->variant & ~AGAIN);

    require_nonblocking(stage->socket, how);
    if (row->variant & AGAIN) {
        require_nonblocking(stage->socket, how);
    }
    if (!expect_would_block("when events are registered", t1, stage)) {
        return;
    }

    /* FIONBIO with 0 is refused, and changes nothing. */
    if (!expect_outcome(MUST("NB-03"), "WSPIoctl FIONBIO 0 when events are registered",
                        spi_set_nonblocking(stage->socket, false), ONE_OF(FAILS_WITH(WSAEINVAL))) ||
        !expect_would_block("after FIONBIO 0 was refused", t1, stage)) {
        return;
    }

    /* The registration is withdrawn; then FIONBIO works, and a receive waits for the peer. */
    require_registration_withdrawn(stage->socket, how);
    expect_blocks_again(t1, stage);
}

CASE(nonblocking, no_way_back_under_events) = {
    .run = no_way_back_under_events,
    .function = SPI_WSPIoctl,
    .requirements = "NB-03",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "asks for blocking mode with FIONBIO 0 while the socket is registered for events, and "
            "after that",
    .must = "FIONBIO 0 fails with WSAEINVAL and changes nothing, until the registration is "
            "withdrawn",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = registrations,
};
