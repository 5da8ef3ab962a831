#include "harness/case.h"
#include "harness/others.h"

/* Which callback cancels: the one that made other calls, or the one after it. */
enum { THE_SAME = 1, THE_NEXT = 2 };

#define ROW(call, spi, version, address_family, when, at)                                          \
    {                                                                                              \
        .name = #call "_ipv" #version when, .function = SPI_##spi, .family = (address_family),     \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4", .variant = (at)                 \
    }

static const struct case_row calls[] = {
    ROW(connect, WSPConnect, 4, AF_INET, "", THE_SAME),
    ROW(accept, WSPAccept, 4, AF_INET, "", THE_SAME),
    ROW(select, WSPSelect, 4, AF_INET, "", THE_SAME),
    ROW(recv, WSPRecv, 4, AF_INET, "", THE_SAME),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET, "", THE_SAME),
    ROW(send, WSPSend, 4, AF_INET, "", THE_SAME),
    ROW(recv, WSPRecv, 6, AF_INET6, "", THE_SAME),
    ROW(recv, WSPRecv, 4, AF_INET, "_later", THE_NEXT),
    {.name = NULL},
};

struct plan {
    struct others *others;
    unsigned cancels_at;
};

static BOOL makes_others_and_cancels(struct callback_turn *turn)
{
    const struct plan *plan = turn->argument;

    if (turn->nth == 1) {
        make_others(plan->others);
    }
    if (turn->nth == plan->cancels_at) {
        callback_cancel(turn);
        return FALSE;
    }
    return TRUE;
}

/*
 * REENT-02 (blocking hook overview; WSPCancelBlockingCall: S9, S11): whatever else the callback
 * has called before, and whether that was carried out or refused, the blocked call can be cancelled
 * from it.
 */
static void cancel_is_never_refused(const struct case_row *row)
{
    /* A socket on which the call can only wait, and another one. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    static struct plan plan;
    struct client *t1 = client_start("T1");
    struct callback_script script = ACTS(makes_others_and_cancels, &plan);
    struct blocked_call *call;

    plan = (struct plan){arrange_others(stage), (unsigned)row->variant};

    /* T1 blocks; its callback makes calls on the other socket, and cancels. */
    script.every_time = true;
    call = start_call(t1, &stage->operation, script);
    prove_blocked(call, plan.cancels_at);
    wait_for_callback_end(call, plan.cancels_at, settings.budgets.data);
    if (!expect_others(MUST("REENT-01"), plan.others, call)) {
        return;
    }

    /* The cancel is carried out. */
    expect_that(MUST("REENT-02"), !outcome_is_error(call_cancel_outcome(call), WSAEINPROGRESS),
                "WSPCancelBlockingCall in a callback that has made other calls",
                "no WSAEINPROGRESS", "WSAEINPROGRESS (10036)");
    join_cancelled(call, MUST("REENT-02"));
}

CASE(nested, cancel_is_never_refused) = {
    .run = cancel_is_never_refused,
    .function = FROM_ROW,
    .requirements = "REENT-02 REENT-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes other calls in the blocking callback, and then cancels",
    .must = "the cancel returns 0, and the blocked call fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
