#include "harness/case.h"
#include "harness/names.h"

#define ROW(outer, spi, inner, inner_spi, version, address_family)                                 \
    {                                                                                              \
        .name = #inner "_in_" #outer "_ipv" #version, .function = SPI_##spi,                       \
        .family = (address_family), .variant = SPI_##inner_spi,                                    \
        .rests_on = "cancel/ends_the_blocked_call/" #inner "_ipv4 " RESTS_ON_RELEASED(outer)       \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, accept, WSPAccept, 4, AF_INET),
    ROW(select, WSPSelect, select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, recv, WSPRecv, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(recv, WSPRecv, connect, WSPConnect, 4, AF_INET),
    ROW(accept, WSPAccept, select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, recv, WSPRecv, 6, AF_INET6),
    {.name = NULL},
};

static BOOL makes_the_inner_call(struct callback_turn *turn)
{
    make_planned_call(turn->argument);
    return TRUE;
}

/* What becomes of the outer call is nobody's demand. */
static void record_outer(struct blocked_call *outer)
{
    char text[128];
    bool blocked = wait_for_callback(outer, call_callbacks(outer) + 1, settings.budgets.hook) ||
                   !call_returned(outer);

    record_choice("the outer call after the cancel of the inner one: %s",
                  blocked ? "it waits on" : outcome_text(text, sizeof text, call_outcome(outer)));
}

/*
 * CBC-14 (WSPCancelBlockingCall: S7): a callback may make a blocking call of its own, with the same
 * callback; if the provider permits that, a cancel there is for the calls of this thread, and ends
 * at least the one that it was made in.
 */
static void cancel_ends_the_inner_call(const struct case_row *row)
{
    /* Two sockets on which the calls can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *within = arrange_blocked((enum spi_function)row->variant, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *inner = plan_call(t1, &within->operation, CANCELS_AT(1));
    struct blocked_call *outer;
    const char *name = spi_function_name(within->function);
    bool ended;
    bool refused;

    /* T1 blocks; its callback makes another call, which blocks; the callback of that cancels. */
    outer = start_call(t1, &stage->operation, ACTS(makes_the_inner_call, inner));
    prove_blocked(outer, 1);
    ended = wait_for_return(inner, settings.budgets.hook + settings.budgets.cancel);
    refused = ended && outcome_is_error(call_outcome(inner), WSAEINPROGRESS);
    if (refused) {
        release_call(outer);
    }
    require_that(NEEDED("provider"), !refused,
                 about("%s in the blocking callback of %s", name, spi_function_name(row->function)),
                 "it is carried out", "refused with WSAEINPROGRESS");
    require_that(NEEDED("provider"), call_callbacks(inner) > 0,
                 about("the blocking callback during %s in a blocking callback (G2)", name),
                 "called", "not called");

    /* The inner one ends. */
    release_call(inner);
    expect_outcome(SHOULD("CBC-14"),
                   about("WSPCancelBlockingCall in the callback of the inner %s", name),
                   call_cancel_outcome(inner), ONE_OF(RETURNS(0)));
    if (expect_holds(ending(SHOULD("CBC-14")), ended, about("the inner %s after the cancel", name),
                     "it returns", "no return within %lu ms", settings.budgets.cancel)) {
        expect_outcome(SHOULD("CBC-14"), about("the inner %s after the cancel", name),
                       call_outcome(inner), ONE_OF(FAILS_WITH(WSAEINTR)));
    }
    record_outer(outer);
    release_call(outer);
}

CASE(nested, cancel_ends_the_inner_call) = {
    .run = cancel_ends_the_inner_call,
    .function = FROM_ROW,
    .requirements = "CBC-14",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "makes a blocking call in a blocking callback, and cancels in the callback of that",
    .must = "the inner call fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
