#include "harness/case.h"
#include "harness/names.h"

#define ROW(outer, spi, inner, inner_spi, version, address_family)                                 \
    {                                                                                              \
        .name = #outer "_after_" #inner "_ipv" #version, .function = SPI_##spi,                    \
        .family = (address_family), .variant = SPI_##inner_spi,                                    \
        .rests_on = "cancel/ends_the_blocked_call/" #inner "_ipv4 "                                \
                    "cancel/ends_the_blocked_call/" #outer "_ipv4"                                 \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, recv, WSPRecv, 4, AF_INET),
    ROW(accept, WSPAccept, recv, WSPRecv, 4, AF_INET),
    ROW(recv, WSPRecv, select, WSPSelect, 4, AF_INET),
    ROW(select, WSPSelect, accept, WSPAccept, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(recv, WSPRecv, recv, WSPRecv, 6, AF_INET6),
    {.name = NULL},
};

/* Makes the inner call at its first turn; at its second it cancels. */
static BOOL makes_a_call_and_cancels_later(struct callback_turn *turn)
{
    if (turn->nth == 1) {
        make_planned_call(turn->argument);
        return TRUE;
    }
    return turn->nth == 2 ? callback_cancels(turn) : TRUE;
}

/*
 * CBC-01, CBC-02 (WSPCancelBlockingCall: S7, S10): a call is outstanding until it returns. One that
 * was made in its callback, and was cancelled there or refused, does not hide it: if it waits on,
 * it can be cancelled.
 */
static void outer_call_can_be_cancelled(const struct case_row *row)
{
    /* Two sockets on which the calls can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *within = arrange_blocked((enum spi_function)row->variant, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *inner = plan_call(t1, &within->operation, CANCELS_AT(1));
    const char *name = spi_function_name(row->function);
    struct callback_script script = ACTS(makes_a_call_and_cancels_later, inner);
    struct blocked_call *outer;
    char text[128];

    /* T1 blocks; its callback makes another call, whose own callback cancels, if it comes to that.
     */
    script.every_time = true;
    outer = start_call(t1, &stage->operation, script);
    prove_blocked(outer, 1);
    if (!wait_for_return(inner, settings.budgets.hook + settings.budgets.cancel)) {
        release_call(inner);
        release_call(outer);
        stop_case(NEEDED("provider"), about("a call in the blocking callback of %s", name),
                  "it is refused, or ends when its own callback cancels it", "it does neither");
    }
    record_choice("the inner call: %s", outcome_text(text, sizeof text, call_outcome(inner)));
    release_call(inner);

    /* The cancel of the inner call may have been one of both. */
    if (!wait_for_callback(outer, 2, settings.budgets.hook) && call_returned(outer)) {
        record_choice("the outer call after the inner one: %s",
                      outcome_text(text, sizeof text, call_outcome(outer)));
        release_call(outer);
        return;
    }

    /* If T1's call waits on, its next callback cancels it, and it fails with WSAEINTR. */
    join_cancelled(outer, MUST("CBC-02"));
}

CASE(nested, outer_call_can_be_cancelled) = {
    .run = outer_call_can_be_cancelled,
    .function = FROM_ROW,
    .requirements = "CBC-01 CBC-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a call in the blocking callback of another one, and then that one",
    .must = "if the outer call goes on after the first, its cancel returns 0, and it fails with "
            "WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
