#include "harness/case.h"
#include "harness/evidence.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

/* After the cancel the callback goes on for that many turns, and for the budget `quiet`. */
enum { FURTHER_TURNS = 3 };

/* Cancels and says TRUE; in the end cancels again and says FALSE, as ws2_32 does. */
static BOOL cancels_in_silence(struct callback_turn *turn)
{
    int64_t *since = turn->argument;
    bool patient = turn->nth <= 1 + FURTHER_TURNS ||
                   evidence_now() - *since < (int64_t)settings.budgets.quiet * 1000;

    if (turn->nth == 1) {
        *since = evidence_now();
        return callback_cancels_and_goes_on(turn);
    }
    return patient ? TRUE : callback_cancels(turn);
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
    struct outcome outcome;
    int64_t since = 0;

    /* T1 blocks; its first callback cancels and answers TRUE, and so do some later ones. */
    struct blocked_call *call;
    script = ACTS(cancels_in_silence, &since);
    script.every_time = true;
    call = start_call(t1, &stage->operation, script);
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
