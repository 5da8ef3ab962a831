#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family, driven)                                            \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .modes = (driven)                                                                          \
    }

#define ROWS(version, address_family, driven)                                                      \
    ROW(connect, WSPConnect, version, address_family, driven),                                     \
        ROW(accept, WSPAccept, version, address_family, driven),                                   \
        ROW(recv, WSPRecv, version, address_family, driven)

/* What is pending does not depend on the callback: one family will do without it. */
static const struct case_row calls[] = {
    ROWS(4, AF_INET, DRIVEN_DIRECTLY), ROWS(6, AF_INET6, MODE_DIRECT), {.name = NULL}};

/* T1 makes a call on a non-blocking socket that would have to wait. */
static struct stage *arrange_pending(struct client *t1, enum spi_function function, int family)
{
    struct stage *stage;
    struct blocked_call *call;

    if (function == SPI_WSPConnect) {
        return arrange_pending_connect_of(t1, family);
    }
    stage = arrange_blocked(function, family);
    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1",
                    spi_set_nonblocking(stage->socket, true), ONE_OF(RETURNS(0)));
    call = start_call(t1, &stage->operation, GOES_ON);
    if (!wait_for_return(call, settings.budgets.cancel)) {
        rescue(call);
        stop_case(NEEDED("provider"), "a call on a non-blocking socket", "it returns", "it blocks");
    }
    require_outcome(NEEDED("provider"), "a call on a non-blocking socket, which can only wait",
                    call_outcome(call), ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)));
    return stage;
}

/*
 * CBC-11 (WSPCancelBlockingCall: S6): what a call on a non-blocking socket leaves pending is not a
 * blocking call of the thread. There is nothing to cancel, and a connect under way comes through
 * all the same.
 */
static void pending_is_no_blocking_call(const struct case_row *row)
{
    /* T1's call on a non-blocking socket has said that it would have to wait. */
    struct client *t1 = client_start("T1");
    struct stage *stage = arrange_pending(t1, row->function, row->family);

    /* T1, which is in no call, cancels; there is nothing to cancel. */
    expect_nothing_to_cancel(
        MUST("CBC-11"),
        about("WSPCancelBlockingCall while %s is pending", spi_function_name(row->function)),
        idle_cancel_on(t1, stage->socket->entry));

    /* The connect that was under way comes through. */
    if (row->function == SPI_WSPConnect) {
        expect_comes_through(MUST("CBC-11"), t1, stage);
    }
}

CASE(nonblocking, pending_is_no_blocking_call) = {
    .run = pending_is_no_blocking_call,
    .function = FROM_ROW,
    .requirements = "CBC-11",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "cancels while a call on a non-blocking socket is pending",
    .must = "WSPCancelBlockingCall fails with WSAEINVAL, and a pending connect comes through",
    .proofs = PROOF_STARTED,
    .awaits_syn = true,
    .rests_on = "startup/starts",
    .rows = calls,
};
