#include "harness/case.h"
#include "harness/names.h"
#include "harness/pump.h"

#define ROW(call, spi)                                                                             \
    {                                                                                              \
        .name = #call "_ipv4", .function = SPI_##spi, .family = AF_INET,                           \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {ROW(connect, WSPConnect),
                                        ROW(accept, WSPAccept),
                                        ROW(select, WSPSelect),
                                        ROW(recv, WSPRecv),
                                        {.name = NULL}};

static void cancel_from_the_window(void *argument)
{
    (void)argument;
    if (pump_turn() != NULL) {
        callback_cancel(pump_turn());
    }
}

/* What became of a call that did not end within the budget by itself; NULL if it did. */
static const char *late_end_of(struct blocked_call *call, struct message_window *window)
{
    if (wait_for_return(call, settings.budgets.cancel)) {
        return NULL;
    }
    message_window_post(window, NULL);
    if (wait_for_return(call, settings.budgets.cancel)) {
        return "it ended later, when another message had been posted";
    }
    release_call(call);
    return "still blocked, even when another message had been posted";
}

/*
 * PSB-04 (WSPCancelBlockingCall: S10, S11): the call that the handling of a message cancelled ends
 * when the provider has control again; it takes no further message to get it there.
 */
static void needs_no_further_message(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a window of T1's with one message. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, cancel_from_the_window);
    struct blocked_call *call;
    const char *late;

    pump_post(window, NULL);

    /* T1 blocks; its callback pumps, the window's procedure cancels, and all of it returns. */
    call = start_call(t1, &stage->operation, ACTS(pump_messages, NULL));
    prove_blocked(call, 1);
    wait_for_callback_end(call, 1, settings.budgets.data);
    require_pumped(window);
    require_outcome(NEEDED("provider"), "WSPCancelBlockingCall in a window procedure",
                    call_cancel_outcome(call), ONE_OF(RETURNS(0)));

    /* No more messages come, and the call ends. */
    late = late_end_of(call, window);
    expect_holds(SHOULD("PSB-04"), late == NULL,
                 about("%s that a window procedure cancelled, when control is back in the provider",
                       spi_function_name(row->function)),
                 about("it ends within %lu ms", settings.budgets.cancel), "%s",
                 late != NULL ? late : "");
    require_failed_by_cancel(call);
}

CASE(cancel, needs_no_further_message) = {
    .run = needs_no_further_message,
    .function = FROM_ROW,
    .requirements = "PSB-04",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels from a window procedure, and posts no further message",
    .must = "the call ends when the callback that pumps messages has returned",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
