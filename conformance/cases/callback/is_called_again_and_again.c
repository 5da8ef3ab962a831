#include "harness/case.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = RESTS_ON_RELEASED(call)},

static const struct case_row calls[] = {SIX_CALLS_BOTH_FAMILIES(ROW){.name = NULL}};

/* A pause that is none, for no wait is so short; one that a loop makes only when the machine keeps
 * it from its processor; and how often in a row that hardly ever happens. */
enum { NO_PAUSE_US = 500, A_PAUSE_US = 5000, PAUSES = 4 };

/* True if most of many callbacks in a row follow each other without a pause. */
static bool is_in_a_busy_loop(struct blocked_call *call)
{
    const struct spi_call *record = call_record(call);
    unsigned at_once = 0;
    unsigned pauses_in_a_row = 0;

    for (unsigned nth = 2; nth <= CALLBACKS_RECORDED; nth++) {
        int64_t pause;
        if (!wait_for_callback_end(call, nth, settings.budgets.hook)) {
            return false;
        }
        pause = record->callback[nth - 1].entered - record->callback[nth - 2].left;
        pauses_in_a_row = pause > A_PAUSE_US ? pauses_in_a_row + 1 : 0;
        if (pauses_in_a_row == PAUSES) {
            return false;
        }
        at_once += pause < NO_PAUSE_US;
    }
    return at_once > CALLBACKS_RECORDED / 2;
}

/*
 * BHK-02 (WPUQueryBlockingCallback): while a call is blocked its callback, as long as it says to go
 * on waiting, is called periodically: again and again, and with a pause between.
 */
static void is_called_again_and_again(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;
    bool again;
    bool busy;

    /* The call blocks; its callback only says: go on waiting. */
    call = start_call(t1, &stage->operation, goes_on_until(&stage->operation, 2));
    prove_blocked(call, 1);

    /* Nothing else happens until the callback comes again. */
    again = wait_for_callback_end(call, 2, settings.budgets.hook);
    require_that(NEEDED("provider"), again || !call_returned(call),
                 "the call that nothing lets complete", "blocked, while its callback says: go on",
                 "it returned after its first callback");
    busy = again && is_in_a_busy_loop(call);
    release_call(call);

    /* It did come again, and not in a loop without a pause. */
    expect_that(SHOULD("BHK-02"), again, "the blocking callback after it said: go on waiting",
                about("called again within %lu ms", settings.budgets.hook), "not called again");
    expect_holds(SHOULD("BHK-02"), !busy, "what the provider does between two blocking callbacks",
                 "it waits", "it does not wait: most of %d callbacks follow at once",
                 CALLBACKS_RECORDED);
}

CASE(callback, is_called_again_and_again) = {
    .run = is_called_again_and_again,
    .function = FROM_ROW,
    .requirements = "BHK-02",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "lets the call block and its callback say: go on waiting",
    .must = "the callback is called again, and not in a busy loop",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
