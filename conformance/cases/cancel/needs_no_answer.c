#include "harness/case.h"
#include "harness/evidence.h"
#include "harness/names.h"

#define ROW(call, spi)                                                                             \
    {                                                                                              \
        .name = #call "_ipv4", .function = SPI_##spi, .family = AF_INET,                           \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(connect, WSPConnect),   ROW(accept, WSPAccept), ROW(select, WSPSelect), ROW(recv, WSPRecv),
    ROW(recvfrom, WSPRecvFrom), ROW(send, WSPSend),     {.name = NULL}};

/* After the cancel the callback goes on for that many turns, and for the budget `cancel`. */
enum { FURTHER_TURNS = 3 };

/* Cancels and says TRUE; if that was not enough, it cancels again and says FALSE. */
static BOOL cancels_in_silence(struct callback_turn *turn)
{
    int64_t *since = turn->argument;

    if (turn->nth == 1) {
        *since = evidence_now();
        return callback_cancels_and_goes_on(turn);
    }
    if (turn->nth <= 1 + FURTHER_TURNS ||
        evidence_now() - *since < (int64_t)settings.budgets.cancel * 1000) {
        return TRUE;
    }
    return callback_cancels(turn);
}

/*
 * CBC-20 (WSPCancelBlockingCall: S10): it is the cancel that ends the call, with WSAEINTR; what the
 * callback answers only reports it. But a ws2_32 always answers FALSE after a cancel that worked,
 * and a provider may lean on that.
 */
static void needs_no_answer(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct callback_script script;
    struct blocked_call *call;
    struct outcome outcome;
    static int64_t since;

    /* T1 blocks; its first callback cancels and answers TRUE, and later ones TRUE for a while. */
    script = ACTS(cancels_in_silence, &since);
    script.every_time = true;
    call = start_call(t1, &stage->operation, script);
    prove_blocked(call, 1);
    wait_for_return(call, 2 * settings.budgets.cancel);
    outcome = require_failed_by_cancel(call);

    /* That was enough to end the call. */
    expect_that(SHOULD("CBC-20"), call_cancels(call) == 1,
                about("%s, whose callback cancelled it and answered TRUE",
                      spi_function_name(row->function)),
                "it ends", "it went on, until a later callback answered FALSE");
    if (call_cancels(call) == 1) {
        expect_outcome(SHOULD("CBC-20"),
                       about("%s, whose callback cancelled it and answered TRUE",
                             spi_function_name(row->function)),
                       outcome, ONE_OF(FAILS_WITH(WSAEINTR)));
    }
}

CASE(cancel, needs_no_answer) = {
    .run = needs_no_answer,
    .function = FROM_ROW,
    .requirements = "CBC-20",
    .level = LEVEL_SHOULD,
    .modes = MODE_DIRECT,
    .does = "cancels the blocked call from its callback, which then answers TRUE",
    .must = "the call fails with WSAEINTR all the same",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
