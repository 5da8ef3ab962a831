#include "harness/case.h"
#include "harness/names.h"
#include "harness/pump.h"

enum { CANCELS = 3 };

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET), ROW(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),     ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(recv, WSPRecv, 6, AF_INET6),    {.name = NULL}};

/* What the cancels said that came after the first one. */
static struct outcome later[CANCELS];
static unsigned laters;

static void cancel_from_the_window(void *argument)
{
    struct callback_turn *turn = pump_turn();

    (void)argument;
    if (turn == NULL) {
        return;
    }
    if (call_cancels(turn->blocked) == 0) {
        callback_cancel(turn);
    } else {
        later[laters++ % CANCELS] = spi_cancel(turn->call->entry);
    }
}

/*
 * PSB-08 (WSPCancelBlockingCall: S7, S22; as CBC-19): an impatient user presses the button again.
 * All the cancels that one run of the message loop dispatches are for the call that is blocked;
 * that ends once, and the thread's next call is not theirs.
 */
static void by_several_messages(const struct case_row *row)
{
    /* Two sockets on which the call can only wait, and a window of T1's with three messages. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *next = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, cancel_from_the_window);
    struct blocked_call *call;
    char text[96];

    for (int i = 0; i < CANCELS; i++) {
        pump_post(window, NULL);
    }

    /* T1 blocks; its callback dispatches them all, and each cancels. */
    call = start_call(t1, &stage->operation, ACTS(pump_messages, NULL));
    prove_blocked(call, 1);
    wait_for_callback_end(call, 1, settings.budgets.data);
    require_pumped(window);
    if (!join_cancelled(call, SHOULD("PSB-08"))) {
        return;
    }
    for (unsigned i = 0; i < laters; i++) {
        record_choice("cancel %u of one run of the message loop: %s", i + 2,
                      outcome_text(text, sizeof text, later[i]));
    }

    /* T1's next call waits, and completes when its peer lets it. */
    call = start_call(t1, &next->operation, GOES_ON);
    if (expect_still_blocked(call, SHOULD("PSB-08"),
                             about("%s on the thread whose last call was cancelled by %d messages",
                                   spi_function_name(row->function), CANCELS))) {
        expect_completes(SHOULD("PSB-08"), next, call);
    }
}

CASE(cancel, by_several_messages) = {
    .run = by_several_messages,
    .function = FROM_ROW,
    .requirements = "PSB-08",
    .level = LEVEL_SHOULD,
    .modes = MODE_DIRECT,
    .does = "cancels from three messages, which the callback dispatches in one run",
    .must = "the call fails with WSAEINTR, once; the thread's next call waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
