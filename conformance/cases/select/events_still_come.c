#include "harness/case.h"

#include "harness/guard.h"

#define ROW(when, moment, version, address_family)                                                 \
    {                                                                                              \
        .name = #when "_ipv" #version, .function = SPI_WSPSelect, .family = (address_family),      \
        .variant = (moment)                                                                        \
    }

static const struct case_row moments[] = {
    ROW(before_the_cancel, HOLDS_BEFORE, 4, AF_INET),
    ROW(after_the_cancel, HOLDS_AFTER, 4, AF_INET),
    ROW(before_the_cancel, HOLDS_BEFORE, 6, AF_INET6),
    ROW(after_the_cancel, HOLDS_AFTER, 6, AF_INET6),
    {.name = NULL},
};

/* A stream on which nothing was sent, and an event that is to tell when something was. */
struct watched {
    struct stage *stage;
    WSAEVENT event;
};

static struct watched arrange_watched(int family)
{
    struct watched watched = {.stage = arrange_blocked(SPI_WSPRecv, family)};

    watched.event = CreateEventW(NULL, TRUE, FALSE, NULL);
    guard_handle(watched.event);
    require_outcome(NEEDED("provider"), "WSPEventSelect for FD_READ (G5)",
                    spi_event_select(watched.stage->socket, watched.event, FD_READ),
                    ONE_OF(RETURNS(0)));
    return watched;
}

static bool expect_read_event(struct demand demand, const struct watched *watched)
{
    WSANETWORKEVENTS events = {0};

    return expect_that(demand,
                       WaitForSingleObject(watched->event, settings.budgets.data) == WAIT_OBJECT_0,
                       "the event of WSPEventSelect when the peer has sent", "it is set",
                       "not set within %lu ms", settings.budgets.data) &&
           expect_outcome(demand, "WSPEnumNetworkEvents on the socket",
                          spi_enum_events(watched->stage->socket, watched->event, &events),
                          ONE_OF(RETURNS(0))) &&
           expect_that(demand,
                       (events.lNetworkEvents & FD_READ) != 0 &&
                           events.iErrorCode[FD_READ_BIT] == 0,
                       "what WSPEnumNetworkEvents tells of the socket", "FD_READ with code 0",
                       "events 0x%lx, code %d", (unsigned long)events.lNetworkEvents,
                       events.iErrorCode[FD_READ_BIT]);
}

/*
 * SELECT-09 (WSPSelect; WSPCancelBlockingCall: S16): a select leaves alone what was registered for
 * its sockets with WSPEventSelect, and so does its cancel: the event comes when data does, be it
 * just before the cancel or after it.
 */
static void events_still_come(const struct case_row *row)
{
    /* A stream with a registered event, which comes where nothing is selected; and an idle one,
     * as WSPEventSelect makes the first non-blocking. */
    struct watched control = arrange_watched(row->family);
    struct watched watched = arrange_watched(row->family);
    struct stage *idle = arrange_blocked(SPI_WSPSelect, row->family);
    struct spi_socket *both[] = {watched.stage->socket, idle->socket};
    bool before = row->variant == HOLDS_BEFORE;
    struct callback_script script =
        before ? held_before(TRIES_TO_CANCEL) : held_after(TRIES_TO_CANCEL);
    static struct operation select;
    struct blocked_call *call;

    stage_complete(control.stage);
    if (!expect_read_event(NEEDED("provider"), &control)) {
        return;
    }
    select = operation_select(idle->socket->entry, NULL);
    operation_select_add(&select, 0, both, ARRAYSIZE(both));
    select.complete = idle->operation.complete;
    select.other_end = idle;

    /* T1 blocks in WSPSelect with both; its callback holds still, before or after it cancels. */
    call = start_call(client_start("T1"), &select, script);
    prove_held(call);

    /* The peer sends before the callback returns. */
    stage_complete(watched.stage);
    let_go(call);
    if (!join_raced(call, before, MUST("SELECT-09"), ONE_OF(RETURNS(1), FAILS_WITH(WSAEINTR)))) {
        return;
    }

    /* The event is set, for FD_READ. */
    if (expect_read_event(MUST("SELECT-09"), &watched)) {
        prove(PROOF_COMPLETED, "FD_READ came");
    }
}

CASE(select, events_still_come) = {
    .run = events_still_come,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-09",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect over a socket under WSPEventSelect, to which the peer sends",
    .must = "the event is set, and FD_READ is told of",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = moments,
};
