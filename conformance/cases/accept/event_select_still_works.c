#include "harness/case.h"

#include "harness/guard.h"

#include <stdlib.h>

/* An accept that must not wait, on a thread of its own all the same: some provider may. */
static bool expect_accept(struct demand demand, const char *what, struct client *t2,
                          struct spi_socket *listener, const struct acceptable *set)
{
    struct operation *accept = malloc(sizeof *accept);
    struct blocked_call *call;

    *accept = operation_accept(listener);
    call = start_call(t2, accept, GOES_ON);
    if (!wait_for_return(call, settings.budgets.cancel)) {
        rescue(call);
        return expect_that(ending(demand), false, what, "it returns at once",
                           "still blocked after %lu ms", settings.budgets.cancel);
    }
    return expect_outcome(demand, what, call_outcome(call), set);
}

static bool expect_accept_event(struct demand demand, struct spi_socket *listener, WSAEVENT event)
{
    WSANETWORKEVENTS events = {0};

    return expect_that(demand, WaitForSingleObject(event, settings.budgets.data) == WAIT_OBJECT_0,
                       "the event of WSPEventSelect when a peer has connected", "it is set",
                       "not set within %lu ms", settings.budgets.data) &&
           expect_outcome(demand, "WSPEnumNetworkEvents on the listener",
                          spi_enum_events(listener, event, &events), ONE_OF(RETURNS(0))) &&
           expect_that(demand,
                       (events.lNetworkEvents & FD_ACCEPT) != 0 &&
                           events.iErrorCode[FD_ACCEPT_BIT] == 0,
                       "what WSPEnumNetworkEvents tells of the listener", "FD_ACCEPT with code 0",
                       "events 0x%lx, code %d", (unsigned long)events.lNetworkEvents,
                       events.iErrorCode[FD_ACCEPT_BIT]);
}

static bool expect_nonblocking_mode(struct demand demand, struct client *t2,
                                    struct spi_socket *listener)
{
    return expect_outcome(demand, "WSPEventSelect without events",
                          spi_event_select(listener, NULL, 0), ONE_OF(RETURNS(0))) &&
           expect_outcome(demand, "WSPIoctl FIONBIO 0 on the listener",
                          spi_set_nonblocking(listener, false), ONE_OF(RETURNS(0))) &&
           expect_outcome(demand, "WSPIoctl FIONBIO 1 on the listener",
                          spi_set_nonblocking(listener, true), ONE_OF(RETURNS(0))) &&
           expect_accept(demand, "WSPAccept after FIONBIO 1, with an empty backlog", t2, listener,
                         ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)));
}

/* The listener goes over to events, gives a connection, and goes over to FIONBIO. */
static bool expect_events(struct demand demand, struct client *t2, struct stage *stage)
{
    struct spi_socket *listener = stage->socket;
    WSAEVENT event = CreateEventW(NULL, TRUE, FALSE, NULL);

    guard_handle(event);
    if (!expect_outcome(demand, "WSPEventSelect for FD_ACCEPT",
                        spi_event_select(listener, event, FD_ACCEPT), ONE_OF(RETURNS(0))) ||
        !expect_accept(demand, "WSPAccept under WSPEventSelect, with an empty backlog", t2,
                       listener, ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)))) {
        return false;
    }
    connection_arrives(stage);
    return expect_accept_event(demand, listener, event) &&
           expect_accept(demand, "WSPAccept after FD_ACCEPT", t2, listener, ONE_OF(SUCCEEDS)) &&
           expect_accept(demand, "WSPAccept when all were accepted", t2, listener,
                         ONE_OF(FAILS_WITH(WSAEWOULDBLOCK))) &&
           expect_nonblocking_mode(demand, t2, listener);
}

/*
 * ACCEPT-10 (WSPCancelBlockingCall: S16): what was legal on the listener before a cancel is legal
 * afterwards. It can go over to WSPEventSelect, and to FIONBIO; then FD_ACCEPT tells of each
 * connection, and an accept with none there says WSAEWOULDBLOCK.
 */
static void event_select_still_works(const struct case_row *row)
{
    /* Two listeners; on the first, on which nothing is cancelled, all of this works. */
    struct stage *control = arrange_blocked(SPI_WSPAccept, row->family);
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");

    if (!expect_events(NEEDED("provider"), t2, control)) {
        return;
    }

    /* T1 blocks in WSPAccept on the other one; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* All of it works there, too. */
    if (expect_events(MUST("ACCEPT-10"), t2, stage)) {
        prove(PROOF_COMPLETED, "FD_ACCEPT came, and a connection was accepted");
    }
}

CASE(accept, event_select_still_works) = {
    .run = event_select_still_works,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-10",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "puts a listener under WSPEventSelect and FIONBIO after a cancelled WSPAccept",
    .must = "FD_ACCEPT tells of a connection, and WSPAccept says WSAEWOULDBLOCK without one",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
