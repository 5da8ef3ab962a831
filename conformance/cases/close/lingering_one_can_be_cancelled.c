#include "harness/names.h"
#include "harness/prompt.h"

enum { A_MINUTE_S = 60 };

#define ROW(name_of, turn, version, address_family)                                                \
    {                                                                                              \
        .name = name_of "ipv" #version, .family = (address_family), .variant = (turn)              \
    }

static const struct case_row turns[] = {
    ROW("", 1, 4, AF_INET),
    ROW("later_", 3, 4, AF_INET),
    ROW("", 1, 6, AF_INET6),
    {.name = NULL},
};

/* Whether the handle outlives a cancelled close is open; either way, it is gone after this one. */
static void expect_closes_again(struct client *t1, struct stage *stage)
{
    static struct operation again;
    struct blocked_call *call;
    char text[128];

    /* What kept the close waiting goes out. */
    stage_complete(stage);
    again = operation_close(stage->socket);
    call = start_call(t1, &again, GOES_ON);
    if (join_completed(call, SHOULD("CLOSE-06"), ONE_OF(RETURNS(0), FAILS_WITH(WSAENOTSOCK)))) {
        record_choice("WSPCloseSocket again, after a cancelled one: %s",
                      outcome_text(text, sizeof text, call_outcome(call)));
    }
    stage->socket->open = false;
}

/* All that is demanded of it is advice, also that the cancel works and that the call ends. */
static bool expect_cancelled(struct blocked_call *call)
{
    if (!wait_for_return(call, settings.budgets.cancel)) {
        release_call(call);
        return expect_that(SHOULD("CLOSE-06"), false,
                           "WSPCloseSocket, which lingers, after its callback has cancelled it",
                           "it returns", "still blocked after %lu ms", settings.budgets.cancel);
    }
    expect_outcome(SHOULD("CLOSE-06"), "WSPCancelBlockingCall in the callback of WSPCloseSocket",
                   call_cancel_outcome(call), ONE_OF(RETURNS(0)));
    return expect_outcome(SHOULD("CLOSE-06"),
                          "WSPCloseSocket, which lingers, after its callback has cancelled it",
                          call_outcome(call), ONE_OF(FAILS_WITH(WSAEINTR), RETURNS(0)));
}

/*
 * CLOSE-06 (WSPCancelBlockingCall: S7, S10; closesocket lists WSAEINTR; K4): a close that lingers
 * is a blocking call like others, and a client that loses patience can cancel it; it then fails
 * with WSAEINTR, or had finished before.
 */
static void lingering_one_can_be_cancelled(const struct case_row *row)
{
    /* A connection that lingers, with data that cannot go out. */
    struct stage *stage = arrange_unsent(row->family);
    struct client *t1 = client_start("T1");
    static struct operation close;
    struct blocked_call *call;

    require_linger(stage->socket, true, A_MINUTE_S);

    /* T1 closes it; its callback cancels. */
    close = with_peer_reading(operation_close(stage->socket), stage);
    call = start_call(t1, &close, CANCELS_AT((unsigned)row->variant));
    prove_blocked(call, (unsigned)row->variant);

    /* The close ends, in time. */
    if (expect_cancelled(call) && call_outcome(call).failed) {
        expect_closes_again(t1, stage);
    }
}

CASE(close, lingering_one_can_be_cancelled) = {
    .run = lingering_one_can_be_cancelled,
    .function = SPI_WSPCloseSocket,
    .requirements = "CLOSE-06",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPCloseSocket that lingers for unsent data",
    .must = "it fails with WSAEINTR within the budget, or returns 0 if it finished first",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "cancel/ends_the_blocked_call/send_ipv4",
    .rows = turns,
};
