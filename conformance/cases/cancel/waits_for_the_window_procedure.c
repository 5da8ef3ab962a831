#include "harness/case.h"
#include "harness/names.h"
#include "harness/pump.h"
#include "harness/race.h"

/* What the window procedure does after it cancelled. */
enum { STAYS, RUNS_A_LOOP };

#define ROW(call, spi, what, after, version, address_family)                                       \
    {                                                                                              \
        .name = #call "_" #what "_ipv" #version, .function = SPI_##spi,                            \
        .family = (address_family), .variant = (after),                                            \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, stays, STAYS, 4, AF_INET),
    ROW(recv, WSPRecv, stays, STAYS, 4, AF_INET),
    ROW(send, WSPSend, stays, STAYS, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, stays, STAYS, 6, AF_INET6),
    ROW(connect, WSPConnect, runs_a_loop, RUNS_A_LOOP, 4, AF_INET),
    ROW(select, WSPSelect, runs_a_loop, RUNS_A_LOOP, 4, AF_INET),
    ROW(recv, WSPRecv, runs_a_loop, RUNS_A_LOOP, 4, AF_INET),
    ROW(send, WSPSend, runs_a_loop, RUNS_A_LOOP, 4, AF_INET),
    ROW(recv, WSPRecv, runs_a_loop, RUNS_A_LOOP, 6, AF_INET6),
    {.name = NULL},
};

/* What the messages ask of the window procedure. */
enum message { CANCEL_AND_STAY, CANCEL_AND_RUN_A_LOOP, END_THE_LOOP };

/* The end of the inner loop; T1's alone. */
static volatile LONG loop_ends;

static void handle(void *argument)
{
    struct callback_turn *turn = pump_turn();
    intptr_t message = (intptr_t)argument;

    if (turn == NULL) {
        return;
    }
    if (message != END_THE_LOOP) {
        callback_cancel(turn);
    }
    if (message == CANCEL_AND_RUN_A_LOOP) {
        messages_dispatch_until(&loop_ends);
    } else {
        blocked_hold(turn->blocked);
        InterlockedExchange(&loop_ends, 1);
    }
}

static void post(struct message_window *window, enum message message)
{
    pump_post(window, (void *)(intptr_t)message);
}

/* What the time stamps say; and whether the callback, which pumps, has come to its end at all. */
static void expect_order(struct blocked_call *call)
{
    const struct spi_call *record = call_record(call);
    const struct callback_record *turn = &record->callback[0];

    expect_that(MUST("PSB-03"), turn->left != 0 && turn->left <= record->left,
                about("the message loop that dispatched the cancel, when %s has returned",
                      spi_function_name(record->function)),
                "it has come to its end", "it has not");
}

/*
 * PSB-03 (WSPCancelBlockingCall: S11): a call that is cancelled by the handling of a message ends
 * when control comes back to the provider, and not before: not while the window procedure goes on
 * after the cancel, nor while it runs a message loop of its own, as a dialogue does.
 */
static void waits_for_the_window_procedure(const struct case_row *row)
{
    /* A socket on which T1's call can only wait, one for T2, and a window of T1's. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *beside = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, handle);
    struct blocked_call *other = NULL;
    struct blocked_call *call;
    bool held;

    /* The messages are there before the call is made; its callback will find them. */
    post(window, row->variant == STAYS ? CANCEL_AND_STAY : CANCEL_AND_RUN_A_LOOP);
    if (row->variant == RUNS_A_LOOP) {
        post(window, END_THE_LOOP);
    }

    /* T1 blocks; its callback pumps, the window's procedure cancels and does not return yet. */
    call = start_call(t1, &stage->operation, ACTS(pump_messages, NULL));
    prove_blocked(call, 1);
    held = wait_for_hold(call);
    require_pumped(window);

    /* Meanwhile T2 makes such a call, whose callback cancels and returns; it is over soon. */
    if (held) {
        other = let_another_end(beside);
    }
    expect_that(MUST("PSB-03"), !call_returned(call),
                about("%s on T1, while the window procedure that cancelled it is still running",
                      spi_function_name(row->function)),
                "it is still under way", "it has returned");

    /* T1's call ends when control has come back from the window procedure. */
    let_go(call);
    require_failed_by_cancel(call);
    expect_order(call);
    if (other != NULL) {
        give_back_another(other);
    }
}

CASE(cancel, waits_for_the_window_procedure) = {
    .run = waits_for_the_window_procedure,
    .function = FROM_ROW,
    .requirements = "PSB-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels from a window procedure, which then stays or runs a message loop of its own "
            "until another call is over",
    .must = "the call does not return before the callback that pumps messages has",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
