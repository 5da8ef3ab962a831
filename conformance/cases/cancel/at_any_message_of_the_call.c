#include "harness/case.h"
#include "harness/names.h"
#include "harness/pump.h"

/* Which message cancels: of how many in the callback before it, of which callback, or in a loop. */
enum { FIRST, AFTER_OTHERS, IN_A_LATER_CALLBACK, IN_AN_INNER_LOOP };

enum { LATER_CALLBACK = 4 };

#define ROW(call, spi, what, message, version, address_family)                                     \
    {                                                                                              \
        .name = #call "_" #what "_ipv" #version, .function = SPI_##spi,                            \
        .family = (address_family), .variant = (message),                                          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(connect, WSPConnect, first, FIRST, 4, AF_INET),
    ROW(accept, WSPAccept, first, FIRST, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, first, FIRST, 4, AF_INET),
    ROW(send, WSPSend, first, FIRST, 4, AF_INET),
    ROW(accept, WSPAccept, after_others, AFTER_OTHERS, 4, AF_INET),
    ROW(recv, WSPRecv, after_others, AFTER_OTHERS, 4, AF_INET),
    ROW(select, WSPSelect, in_a_later_callback, IN_A_LATER_CALLBACK, 4, AF_INET),
    ROW(recv, WSPRecv, in_a_later_callback, IN_A_LATER_CALLBACK, 4, AF_INET),
    ROW(accept, WSPAccept, in_an_inner_loop, IN_AN_INNER_LOOP, 4, AF_INET),
    ROW(recv, WSPRecv, in_an_inner_loop, IN_AN_INNER_LOOP, 4, AF_INET),
    ROW(recv, WSPRecv, first, FIRST, 6, AF_INET6),
    {.name = NULL},
};

/* What the messages ask of the window procedure. */
enum message { NOTHING, CANCEL, RUN_A_LOOP };

static struct entry *entry;
/* The last cancel that was made while T1 was in no call; and the end of the inner loop. */
static struct outcome idle_cancel;
static volatile LONG loop_ends;

static void handle(void *argument)
{
    intptr_t message = (intptr_t)argument;

    if (message == RUN_A_LOOP) {
        messages_dispatch_until(&loop_ends);
    } else if (message == CANCEL && pump_turn() != NULL) {
        callback_cancel(pump_turn());
        InterlockedExchange(&loop_ends, 1);
    } else if (message == CANCEL) {
        idle_cancel = spi_cancel(entry);
    }
}

static void post(struct message_window *window, enum message message)
{
    pump_post(window, (void *)(intptr_t)message);
}

static void dispatch(void *argument)
{
    (void)argument;
    messages_dispatch();
}

/* T1 handles a message that cancels, as it does whenever it is in no call. */
static void expect_idle(struct client *t1, struct message_window *window, const char *when)
{
    post(window, CANCEL);
    client_post(t1, dispatch, NULL);
    if (!client_wait(t1, settings.budgets.cancel)) {
        provider_skip_clean_up();
        stop_case(ending(MUST("PSB-05")), about("WSPCancelBlockingCall in a message %s", when),
                  "it returns", "no return");
    }
    expect_nothing_to_cancel(MUST("PSB-05"), about("WSPCancelBlockingCall in a message %s", when),
                             idle_cancel);
}

/* The messages that a call's callback finds when it comes first. */
static void post_early(struct message_window *window, intptr_t which)
{
    if (which == AFTER_OTHERS) {
        post(window, NOTHING);
        post(window, NOTHING);
    }
    if (which == IN_AN_INNER_LOOP) {
        post(window, RUN_A_LOOP);
    }
    post(window, which == IN_A_LATER_CALLBACK ? NOTHING : CANCEL);
}

static struct callback_script pumps_at_every_callback(void)
{
    struct callback_script script = ACTS(pump_messages, NULL);

    script.every_time = true;
    return script;
}

/* The callback has dispatched the message that cancels, by the end of its `nth` call. */
static void require_cancel_made(struct blocked_call *call, unsigned nth)
{
    wait_for_callback_end(call, nth, settings.budgets.data);
    require_that(NEEDED("provider"), call_cancels(call) > 0,
                 "the message that cancels, dispatched by the callback that pumps messages",
                 "dispatched", "not dispatched: it was not in the thread's queue any more");
}

/*
 * PSB-05 (WSPCancelBlockingCall: S8, S6): a thread that handles messages is in a blocking call from
 * the first of them that is dispatched during the call until the call returns, and a cancel finds
 * it; in a message before or after that there is nothing to cancel.
 */
static void at_any_message_of_the_call(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a window of T1's. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, handle);
    struct blocked_call *call;
    const char *name = spi_function_name(row->function);

    entry = stage->operation.entry;
    expect_idle(t1, window, about("before %s", name));

    /* T1 blocks; its callback pumps, and one of the messages cancels. */
    post_early(window, row->variant);
    call = start_call(t1, &stage->operation, pumps_at_every_callback());
    prove_blocked(call, 1);
    if (row->variant == IN_A_LATER_CALLBACK) {
        prove_blocked(call, LATER_CALLBACK);
        post(window, CANCEL);
    }

    require_cancel_made(call, row->variant == IN_A_LATER_CALLBACK ? LATER_CALLBACK + 1 : 1);

    /* That finds the call, which ends; after it there is nothing to cancel. */
    expect_outcome(MUST("PSB-05"), about("WSPCancelBlockingCall in a message during %s", name),
                   call_cancel_outcome(call), ONE_OF(RETURNS(0)));
    if (join_cancelled(call, MUST("PSB-02"))) {
        expect_idle(t1, window, about("after %s", name));
    }
}

CASE(cancel, at_any_message_of_the_call) = {
    .run = at_any_message_of_the_call,
    .function = FROM_ROW,
    .requirements = "PSB-05 PSB-02",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "cancels in a message that is dispatched before, during and after the blocked call",
    .must = "it returns 0 during the call, which fails with WSAEINTR; else it fails with WSAEINVAL",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
