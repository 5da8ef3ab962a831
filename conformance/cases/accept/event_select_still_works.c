#include "harness/case.h"

#include "harness/notice.h"

#include <stdlib.h>

#define ROW(prefix, how, version, address_family)                                                  \
    {                                                                                              \
        .name = prefix "ipv" #version, .function = SPI_WSPAccept, .family = (address_family),      \
        .variant = (how)                                                                           \
    }

static const struct case_row ways[] = {
    ROW("", BY_EVENT_SELECT, 4, AF_INET),
    ROW("", BY_EVENT_SELECT, 6, AF_INET6),
    ROW("messages_", BY_ASYNC_SELECT, 4, AF_INET),
    {.name = NULL},
};

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

static bool expect_nonblocking_mode(struct demand demand, struct client *t2,
                                    const struct notice *notice)
{
    struct spi_socket *listener = notice->stage->socket;

    return expect_withdraws(demand, notice) &&
           expect_outcome(demand, "WSPIoctl FIONBIO 0 on the listener",
                          spi_set_nonblocking(listener, false), ONE_OF(RETURNS(0))) &&
           expect_outcome(demand, "WSPIoctl FIONBIO 1 on the listener",
                          spi_set_nonblocking(listener, true), ONE_OF(RETURNS(0))) &&
           expect_accept(demand, "WSPAccept after FIONBIO 1, with an empty backlog", t2, listener,
                         ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)));
}

/* The listener goes over to events, gives a connection, and goes over to FIONBIO. */
static bool expect_events(struct demand demand, struct client *t2, struct stage *stage,
                          enum mode_change how)
{
    struct spi_socket *listener = stage->socket;
    struct notice notice;

    if (!expect_registers(demand, &notice, stage, how, FD_ACCEPT) ||
        !expect_accept(demand, "WSPAccept on a listener under events, with an empty backlog", t2,
                       listener, ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)))) {
        return false;
    }
    bring_about(&notice);
    return expect_notice(demand, &notice) &&
           expect_accept(demand, "WSPAccept after FD_ACCEPT", t2, listener, ONE_OF(SUCCEEDS)) &&
           expect_accept(demand, "WSPAccept when all were accepted", t2, listener,
                         ONE_OF(FAILS_WITH(WSAEWOULDBLOCK))) &&
           expect_nonblocking_mode(demand, t2, &notice);
}

/*
 * ACCEPT-10 (WSPCancelBlockingCall: S16): what was legal on the listener before a cancel is legal
 * afterwards. It can go over to WSPEventSelect or WSPAsyncSelect, and to FIONBIO; then FD_ACCEPT
 * tells of each connection, and an accept with none there says WSAEWOULDBLOCK.
 */
static void event_select_still_works(const struct case_row *row)
{
    /* Two listeners; on the first, on which nothing is cancelled, all of this works. */
    struct stage *control = arrange_blocked(SPI_WSPAccept, row->family);
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    enum mode_change how = (enum mode_change)row->variant;

    if (!expect_events(NEEDED("provider"), t2, control, how)) {
        return;
    }

    /* T1 blocks in WSPAccept on the other one; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* All of it works there, too. */
    if (expect_events(MUST("ACCEPT-10"), t2, stage, how)) {
        prove(PROOF_COMPLETED, "FD_ACCEPT came, and a connection was accepted");
    }
}

CASE(accept, event_select_still_works) = {
    .run = event_select_still_works,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-10",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does =
        "puts a listener under WSPEventSelect or WSPAsyncSelect, and FIONBIO, after a cancelled "
        "WSPAccept",
    .must = "FD_ACCEPT tells of a connection, and WSPAccept says WSAEWOULDBLOCK without one",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = ways,
};
