#include "harness/case.h"
#include "harness/pump.h"

/* How the message comes to the window. */
enum { POSTED, SENT };

#define ROW(call, spi, how, message, version, address_family)                                      \
    {.name = #call how "_ipv" #version,                                                            \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .variant = (message),                                                                         \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"},

#define ROWS(version, address_family)                                                              \
    ROW(connect, WSPConnect, "", POSTED, version, address_family)                                  \
    ROW(accept, WSPAccept, "", POSTED, version, address_family)                                    \
    ROW(select, WSPSelect, "", POSTED, version, address_family)                                    \
    ROW(recv, WSPRecv, "", POSTED, version, address_family)                                        \
    ROW(accept, WSPAccept, "_sent", SENT, version, address_family)                                 \
    ROW(recv, WSPRecv, "_sent", SENT, version, address_family)

static const struct case_row calls[] = {ROWS(4, AF_INET) ROWS(6, AF_INET6){.name = NULL}};

static void cancel_from_the_window(void *argument)
{
    (void)argument;
    if (pump_turn() != NULL) {
        callback_cancel(pump_turn());
    }
}

/*
 * PSB-01, PSB-02 (WSPCancelBlockingCall: S8, S10): a client that handles its messages while the
 * provider pseudo-blocks may cancel from one of them, be it posted or sent to it by another thread;
 * the cancel works, and the call ends with WSAEINTR.
 */
static void from_a_window_procedure(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a window of the thread that is to make it. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, cancel_from_the_window);
    struct blocked_call *call;

    /* The call blocks, and is called back. */
    call = start_call(t1, &stage->operation, held_before(ACTS(pump_messages, NULL)));
    prove_held(call);

    /* A message comes meanwhile; the callback pumps, and the window's procedure cancels. */
    if (row->variant == SENT) {
        pump_send(window, NULL);
    } else {
        pump_post(window, NULL);
    }
    let_go(call);
    wait_for_callback_end(call, 1, settings.budgets.data);
    require_pumped(window);

    /* The cancel says 0, the call says WSAEINTR. */
    expect_outcome(MUST("PSB-01"), "WSPCancelBlockingCall in a window procedure",
                   call_cancel_outcome(call), ONE_OF(RETURNS(0)));
    join_cancelled(call, MUST("PSB-02"));
}

CASE(cancel, from_a_window_procedure) = {
    .run = from_a_window_procedure,
    .function = FROM_ROW,
    .requirements = "PSB-01 PSB-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels the blocked call from a window procedure, while the callback pumps messages",
    .must = "the cancel returns 0, and the call fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
