#include "harness/case.h"
#include "harness/names.h"

/* What happens while the callback is at it. */
enum { DATA_COMES, TIME_RUNS_OUT };

enum { A_MOMENT_MS = 50 };

#define ROW(call, spi, what, meanwhile, version, address_family)                                   \
    {                                                                                              \
        .name = #call what "_ipv" #version, .function = SPI_##spi, .family = (address_family),     \
        .variant = (meanwhile), .rests_on = "callback/is_called_while_blocked/" #call "_ipv4"      \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, "", DATA_COMES, 4, AF_INET),
    ROW(select, WSPSelect, "", DATA_COMES, 4, AF_INET),
    ROW(recv, WSPRecv, "", DATA_COMES, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, "", DATA_COMES, 4, AF_INET),
    ROW(send, WSPSend, "", DATA_COMES, 4, AF_INET),
    ROW(select, WSPSelect, "_times_out", TIME_RUNS_OUT, 4, AF_INET),
    ROW(recv, WSPRecv, "_times_out", TIME_RUNS_OUT, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, "_times_out", TIME_RUNS_OUT, 4, AF_INET),
    ROW(recv, WSPRecv, "", DATA_COMES, 6, AF_INET6),
    ROW(select, WSPSelect, "_times_out", TIME_RUNS_OUT, 6, AF_INET6),
    {.name = NULL},
};

/* Does nothing for a while, as a client that is busy; nobody but a case's main thread can tell. */
static BOOL takes_long(struct callback_turn *turn)
{
    (void)turn;
    WaitForSingleObject(GetCurrentThread(), settings.budgets.quiet);
    return TRUE;
}

/* Its time was over during the callback, which the provider cannot help; but not much longer. */
static void expect_times_out(struct blocked_call *call, enum spi_function function)
{
    DWORD patience = settings.budgets.cancel;
    const char *name = spi_function_name(function);
    bool returned = wait_for_return(call, patience);

    if (!returned) {
        release_call(call);
    }
    if (expect_holds(
            ending(SHOULD("BHK-15")), returned,
            about("%s whose time ran out in a callback of %lu ms", name, settings.budgets.quiet),
            about("it returns within %lu ms after that", patience), "no return")) {
        expect_outcome(SHOULD("BHK-15"), about("%s whose time ran out in a slow callback", name),
                       call_outcome(call),
                       function == SPI_WSPSelect ? ONE_OF(RETURNS(0))
                                                 : ONE_OF(FAILS_WITH(WSAETIMEDOUT)));
    }
}

/*
 * BHK-15 (WPUQueryBlockingCallback): how long a callback takes is the client's affair. What came
 * meanwhile is there when it returns, and a timeout that ran out meanwhile is over then.
 */
static void slow_one_only_delays(const struct case_row *row)
{
    /* A socket on which the call can only wait, perhaps for a moment at most. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    if (row->variant == TIME_RUNS_OUT) {
        require_timeout(stage, A_MOMENT_MS);
    }

    /* T1 blocks, and its first callback takes long; its peer acts meanwhile, or its time is up. */
    call = start_call(t1, &stage->operation, ACTS(takes_long, NULL));
    prove_blocked(call, 1);
    if (row->variant == DATA_COMES) {
        stage_complete(stage);
    }
    wait_for_callback_end(call, 1, settings.budgets.data);

    /* The call completes with all that belongs to it, or its time has run out. */
    if (row->variant == TIME_RUNS_OUT) {
        expect_times_out(call, row->function);
    } else {
        expect_completed(SHOULD("BHK-15"), stage, call);
    }
}

CASE(callback, slow_one_only_delays) = {
    .run = slow_one_only_delays,
    .function = FROM_ROW,
    .requirements = "BHK-15",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "lets the blocking callback take long, while data comes or the time of the call is up",
    .must = "the call completes with the data, or says that its time has run out, soon afterwards",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .awaits_quiet = true,
    .rows = calls,
};
