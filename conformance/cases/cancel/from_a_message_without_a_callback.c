#include "harness/case.h"
#include "harness/names.h"
#include "harness/pump.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family)},

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET) ROW(select, WSPSelect, 4, AF_INET)
        ROW(recv, WSPRecv, 4, AF_INET) ROW(recvfrom, WSPRecvFrom, 4, AF_INET)
            ROW(recv, WSPRecv, 6, AF_INET6){.name = NULL},
};

/* The call that T1 makes, and its message. */
static struct {
    struct entry *entry;
    struct blocked_call *call;
    struct outcome cancel;
    HANDLE over;
} message;

static void cancel_from_the_window(void *argument)
{
    (void)argument;
    message.cancel = spi_cancel(message.entry);
    blocked_note_cancel(message.call, message.cancel);
    SetEvent(message.over);
}

/*
 * PSB-06 (pseudo-blocking overview; WSPCancelBlockingCall: S8): a provider that is given no
 * callback may handle the thread's messages itself while it waits. If it does, a window procedure
 * that it dispatches to may cancel; the call ends with WSAEINTR. If it does not, it blocks truly.
 */
static void from_a_message_without_a_callback(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a window of T1's. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, cancel_from_the_window);
    const char *name = spi_function_name(row->function);

    message.entry = stage->operation.entry;
    message.over = CreateEventW(NULL, TRUE, FALSE, NULL);

    /* T1, which has no callback, blocks, and a message comes. */
    message.call = start_call(t1, &stage->operation, GOES_ON);
    prove_native_wait(message.call);
    pump_post(window, NULL);
    if (WaitForSingleObject(message.over, settings.budgets.quiet) != WAIT_OBJECT_0) {
        record_choice("%s without a blocking callback dispatches no messages", name);
        expect_completes(NEEDED("provider"), stage, message.call);
        return;
    }

    /* It was dispatched, and cancels: the call ends. */
    expect_outcome(SHOULD("PSB-06"),
                   about("WSPCancelBlockingCall in a message that %s dispatched", name),
                   message.cancel, ONE_OF(RETURNS(0)));
    if (expect_holds(ending(SHOULD("PSB-06")),
                     wait_for_return(message.call, settings.budgets.cancel),
                     about("%s after a message that it dispatched had cancelled it", name),
                     "it returns", "no return within %lu ms", settings.budgets.cancel)) {
        expect_outcome(SHOULD("PSB-06"), about("%s after it was cancelled", name),
                       call_outcome(message.call), ONE_OF(FAILS_WITH(WSAEINTR)));
    }
    release_call(message.call);
}

CASE(cancel, from_a_message_without_a_callback) = {
    .run = from_a_message_without_a_callback,
    .function = FROM_ROW,
    .requirements = "PSB-06",
    .level = LEVEL_SHOULD,
    .modes = MODE_NO_CALLBACK,
    .does = "posts a message that cancels to a thread that blocks without a blocking callback",
    .must = "if the call dispatches it, the cancel returns 0 and the call fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED,
    .awaits_quiet = true,
    .rests_on = "startup/starts",
    .rows = calls,
};
