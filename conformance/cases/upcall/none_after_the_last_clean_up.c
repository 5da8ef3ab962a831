#include "harness/case.h"
#include "harness/notice.h"

/* What the provider is about when it is cleaned up. */
enum situation { CONNECTED, PENDING, WATCHED };

static const struct case_row situations[] = {
    {.name = "connected_ipv4", .function = SPI_WSPCleanup, .family = AF_INET, .variant = CONNECTED},
    {.name = "pending_ipv4", .function = SPI_WSPCleanup, .family = AF_INET, .variant = PENDING},
    {.name = "registered_for_messages_ipv4",
     .function = SPI_WSPCleanup,
     .family = AF_INET,
     .variant = WATCHED},
    {.name = NULL},
};

/* What could make the provider do something later is sent by this peer. */
static struct peer *begin(const struct case_row *row)
{
    struct stage *stage;

    switch ((enum situation)row->variant) {
    case PENDING:
        stage = arrange_blocked(SPI_WSPRecv, row->family);
        begin_pending(client_start("T3"), stage, BY_ROUTINE);
        return stage->peer;
    case WATCHED:
        return arrange_notice(BY_ASYNC_SELECT, FD_READ, row->family).stage->peer;
    default:
        return arrange_connection(row->family).peer;
    }
}

/*
 * UPC-05 (WSPCleanup): after the last clean-up the client is free to unload the provider, and
 * itself; whoever makes upcalls then makes them to somebody who expects none.
 */
static void none_after_the_last_clean_up(const struct case_row *row)
{
    /* A provider that is in use, and is cleaned up for the last time. */
    struct peer *peer = begin(row);
    LONG made;

    require_outcome(NEEDED("provider"), "the last WSPCleanup", provider_clean_up_now(),
                    ONE_OF(RETURNS(0)));
    made = upcalls_made();

    /* There is an occasion, and time. */
    if (!peers_are_provider()) {
        peer_tries_to_send(peer, "x", 1);
    }
    WaitForSingleObject(GetCurrentThread(), settings.budgets.quiet);

    /* No upcall has come since. */
    expect_number(SHOULD("UPC-05"), "upcalls after the last WSPCleanup has returned", 0,
                  upcalls_made() - made);
}

CASE(upcall, none_after_the_last_clean_up) = {
    .run = none_after_the_last_clean_up,
    .function = SPI_WSPCleanup,
    .requirements = "UPC-05",
    .level = LEVEL_SHOULD,
    .modes = MODE_DIRECT,
    .does = "cleans up for the last time, and waits",
    .must = "there is no upcall any more",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .awaits_quiet = true,
    .rows = situations,
};
