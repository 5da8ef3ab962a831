#include "harness/case.h"

#include "harness/notice.h"

/* Of the variant: the moment, how the client hears of it, and of what. */
enum { HOW_SHIFT = 4, EVENTS_SHIFT = 8, MASK = 0xf };

/* What comes, when, and how it is told; the callback holds meanwhile, or is long over. */
#define ROW(what, when, events, moment, how, version, address_family)                              \
    {                                                                                              \
        .name = what when "_ipv" #version, .function = SPI_WSPSelect, .family = (address_family),  \
        .variant = (moment) | ((how) << HOW_SHIFT) | ((events) << EVENTS_SHIFT)                    \
    }
#define ROWS(what, events, how, version, family)                                                   \
    ROW(what, "before_the_cancel", events, HOLDS_BEFORE, how, version, family),                    \
        ROW(what, "after_the_cancel", events, HOLDS_AFTER, how, version, family),                  \
        ROW(what, "after_the_call", events, HOLDS_NOWHERE, how, version, family)

static const struct case_row moments[] = {
    ROWS("", FD_READ, BY_EVENT_SELECT, 4, AF_INET),
    ROWS("", FD_READ, BY_EVENT_SELECT, 6, AF_INET6),
    ROWS("accept_", FD_ACCEPT, BY_EVENT_SELECT, 4, AF_INET),
    ROWS("accept_", FD_ACCEPT, BY_EVENT_SELECT, 6, AF_INET6),
    ROWS("close_", FD_CLOSE, BY_EVENT_SELECT, 4, AF_INET),
    ROWS("close_", FD_CLOSE, BY_EVENT_SELECT, 6, AF_INET6),
    ROWS("write_", FD_WRITE, BY_EVENT_SELECT, 4, AF_INET),
    ROWS("message_", FD_READ, BY_ASYNC_SELECT, 4, AF_INET),
    ROWS("message_of_accept_", FD_ACCEPT, BY_ASYNC_SELECT, 4, AF_INET),
    ROWS("message_of_close_", FD_CLOSE, BY_ASYNC_SELECT, 6, AF_INET6),
    {.name = NULL},
};

static struct callback_script script_for(enum hold moment)
{
    if (moment == HOLDS_NOWHERE) {
        return CANCELS_AT(1);
    }
    return moment == HOLDS_BEFORE ? held_before(TRIES_TO_CANCEL) : held_after(TRIES_TO_CANCEL);
}

/* Where the event comes while the callback holds, the select may report the socket instead. */
static bool cancel_beside(struct notice *watched, struct operation *select, enum hold moment)
{
    struct blocked_call *call = start_call(client_start("T1"), select, script_for(moment));

    if (moment == HOLDS_NOWHERE) {
        require_cancelled(call);
        bring_about(watched);
        return true;
    }
    prove_held(call);
    bring_about(watched);
    let_go(call);
    return join_raced(call, moment == HOLDS_BEFORE, MUST("SELECT-09"),
                      ONE_OF(RETURNS(1), FAILS_WITH(WSAEINTR)));
}

/*
 * SELECT-09 (WSPSelect; WSPCancelBlockingCall: S16): a select leaves alone what was registered for
 * its sockets with WSPEventSelect or WSPAsyncSelect, and so does its cancel: the event or the
 * message comes when data does, or a connection, or the end of one, or room, be it just before the
 * cancel, after it, or when the call is over.
 */
static void events_still_come(const struct case_row *row)
{
    /* A socket with a registered event, which comes where nothing is selected; and an idle stream,
     * as to be registered makes the first non-blocking. */
    enum mode_change how = (enum mode_change)((row->variant >> HOW_SHIFT) & MASK);
    long events = (long)(row->variant >> EVENTS_SHIFT);
    struct notice control = arrange_notice(how, events, row->family);
    struct notice watched = arrange_notice(how, events, row->family);
    struct stage *idle = arrange_blocked(SPI_WSPSelect, row->family);
    struct spi_socket *both[] = {watched.stage->socket, idle->socket};
    static struct operation select;

    bring_about(&control);
    if (!expect_notice(NEEDED("provider"), &control)) {
        return;
    }
    select = operation_select(idle->socket->entry, NULL);
    operation_select_add(&select, 0, both, ARRAYSIZE(both));
    select.complete = idle->operation.complete;
    select.other_end = idle;

    /* T1 blocks in WSPSelect with both, and is cancelled; the event comes, then or later. */
    if (!cancel_beside(&watched, &select, (enum hold)(row->variant & MASK))) {
        return;
    }

    /* The client hears of it. */
    if (expect_notice(MUST("SELECT-09"), &watched)) {
        prove(PROOF_COMPLETED, "the registered event came");
    }
}

CASE(select, events_still_come) = {
    .run = events_still_come,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-09",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect over a socket under WSPEventSelect or WSPAsyncSelect, on which "
            "something comes",
    .must = "the event is set or the message comes, and FD_READ, FD_ACCEPT, FD_CLOSE or FD_WRITE "
            "is told of",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = moments,
};
