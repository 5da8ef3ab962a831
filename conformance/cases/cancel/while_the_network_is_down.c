#include "harness/case.h"

#include "harness/names.h"
#include "harness/network.h"

/* A call that the provider has: on a stream or for datagrams, of either family. */
static struct stage *arrange_any(void)
{
    bool stream = !settings.claimed_absent[ENTRY_TCP4] || !settings.claimed_absent[ENTRY_TCP6];
    enum entry_kind in_ipv4 = stream ? ENTRY_TCP4 : ENTRY_UDP4;

    return arrange_blocked(stream ? SPI_WSPRecv : SPI_WSPRecvFrom,
                           settings.claimed_absent[in_ipv4] ? AF_INET6 : AF_INET);
}

static void record_end(struct blocked_call *call, enum spi_function function)
{
    char text[128];

    record_choice("%s, blocked when the network goes down: %s", spi_function_name(function),
                  call_returned(call) ? outcome_text(text, sizeof text, call_outcome(call))
                                      : "still blocked");
}

/*
 * NETDOWN-01 (WSPCancelBlockingCall: S5): if the network subsystem has failed, the cancel says so,
 * with WSAENETDOWN; and it says so only then. How the blocked call ends is recorded (NETDOWN-02).
 */
static void while_the_network_is_down(const struct case_row *row)
{
    struct client *t1;
    struct client *t2;
    struct blocked_call *call;
    struct stage *stage;

    /* A socket on which a call can only wait, of a provider whose network can be brought down. */
    (void)row;
    network_require();
    stage = arrange_any();
    t1 = client_start("T1");
    t2 = client_start("T2");

    /* T1 blocks; its callback holds still before it cancels. */
    call = start_call(t1, &stage->operation, held_before(TRIES_TO_CANCEL));
    prove_held(call);

    /* The network goes down, and the callback cancels; what becomes of sockets is not said. */
    provider_skip_clean_up();
    network_bring_down();
    let_go(call);
    if (!wait_for_callback_end(call, 1, settings.budgets.cancel)) {
        expect_that(ending(MUST("NETDOWN-01")), false,
                    "WSPCancelBlockingCall while the network is down", "it returns", "no return");
        return;
    }
    expect_outcome(MUST("NETDOWN-01"), "WSPCancelBlockingCall while the network is down",
                   call_cancel_outcome(call), ONE_OF(FAILS_WITH(WSAENETDOWN)));
    wait_for_return(call, settings.budgets.quiet);
    record_end(call, stage->function);

    /* It comes up, and the cancel says what it said before: there is nothing to cancel. */
    network_bring_up();
    release_call(call);
    expect_nothing_to_cancel(MUST("NETDOWN-01"), "WSPCancelBlockingCall when the network is up",
                             idle_cancel_on(t2, stage->socket->entry));
    if (call_returned(call)) {
        expect_nothing_to_cancel(MUST("NETDOWN-01"),
                                 "WSPCancelBlockingCall when the network is up, on the thread that "
                                 "cancelled when it was down",
                                 idle_cancel_on(t1, stage->socket->entry));
    }
}

CASE(cancel, while_the_network_is_down) = {
    .run = while_the_network_is_down,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "NETDOWN-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "brings the network down, and cancels a blocked call",
    .must = "WSPCancelBlockingCall fails with WSAENETDOWN, and not any more when the network is up",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "callback/is_called_while_blocked/recv_ipv4",
    .alone = true,
};
