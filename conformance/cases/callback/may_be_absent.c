#include "harness/case.h"
#include "harness/prompt.h"

/* How the call ends: by its peer, or by its own time. */
enum { COMPLETES, TIMES_OUT, A_MOMENT_MS = 50, A_MINUTE_S = 60 };

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .proofs = PROOF_COMPLETED},
/* Nobody can let it complete. */
#define AWAITED_CHANGE(version, address_family)                                                    \
    {.name = "ioctl_ipv" #version, .function = SPI_WSPIoctl, .family = (address_family)},

#define TIMED_ROW(call, spi)                                                                       \
    {                                                                                              \
        .name = #call "_times_out_ipv4", .function = SPI_##spi, .family = AF_INET,                 \
        .variant = TIMES_OUT, .proofs = PROOF_COMPLETED                                            \
    }

static const struct case_row calls[] = {
    SIX_CALLS_BOTH_FAMILIES(ROW) ROW(lingering_close, WSPCloseSocket, 4, AF_INET)
        ROW(lingering_close, WSPCloseSocket, 6, AF_INET6) AWAITED_CHANGE(4, AF_INET)
            AWAITED_CHANGE(6, AF_INET6) TIMED_ROW(select, WSPSelect),
    TIMED_ROW(recv, WSPRecv),
    TIMED_ROW(recvfrom, WSPRecvFrom),
    {.name = NULL},
};

static void expect_times_out(struct blocked_call *call, enum spi_function function)
{
    if (join_completed(call, MUST("BHK-11"),
                       function == SPI_WSPSelect ? ONE_OF(RETURNS(0))
                                                 : ONE_OF(FAILS_WITH(WSAETIMEDOUT)))) {
        prove(PROOF_BLOCKED, "it waited until its time had run out");
    }
}

/* A socket on which the call can only wait; a close lingers, for what cannot go out. */
static struct stage *arrange(const struct case_row *row)
{
    struct stage *stage;

    if (row->function != SPI_WSPCloseSocket) {
        return arrange_blocked(row->function, row->family);
    }
    stage = arrange_unsent(row->family);
    require_linger(stage->socket, true, A_MINUTE_S);
    stage->function = SPI_WSPCloseSocket;
    stage->operation = with_peer_reading(operation_close(stage->socket), stage);
    return stage;
}

/*
 * Which codes of WSPIoctl a provider knows is its choice. On a non-blocking socket it says that it
 * knows this one; there it must not wait.
 */
static void require_change_can_be_awaited(int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPIoctl, family);
    struct blocked_call *call;

    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1",
                    spi_set_nonblocking(stage->socket, true), ONE_OF(RETURNS(0)));
    call = start_call(client_start("T2"), &stage->operation, GOES_ON);
    require_that(NEEDED("provider"), wait_for_return(call, settings.budgets.cancel),
                 "non-blocking WSPIoctl for a change that has not come yet", "it returns",
                 "no return within %lu ms", settings.budgets.cancel);
    require_outcome(OFFERED, "non-blocking WSPIoctl for a change that has not come yet",
                    call_outcome(call), ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)));
}

/*
 * BHK-11 (WPUQueryBlockingCallback): a thread need not have a blocking callback; its calls then
 * wait natively, and complete all the same, or time out.
 */
static void may_be_absent(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a peer that could let it complete. */
    struct stage *stage = arrange(row);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    require_that(NEEDED("environment"), row->function != SPI_WSPConnect || stage->peer != NULL,
                 "who is connected to", "a listener that can be made to answer",
                 "an unresponsive address");

    if (row->variant == TIMES_OUT) {
        require_timeout(stage, A_MOMENT_MS);
    }
    if (row->function == SPI_WSPIoctl) {
        require_change_can_be_awaited(row->family);
    }

    /* The call blocks; WPUQueryBlockingCallback says NULL. */
    call = start_call(t1, &stage->operation, GOES_ON);
    if (row->variant == TIMES_OUT) {
        expect_times_out(call, row->function);
        return;
    }
    if (row->function == SPI_WSPIoctl) {
        expect_still_blocked(call, MUST("BHK-11"),
                             "WSPIoctl for a change that does not come, without a callback");
        return;
    }
    prove_native_wait(call);

    /* Its peer lets it complete. */
    expect_ends(MUST("BHK-11"), stage, call);
}

CASE(callback, may_be_absent) = {
    .run = may_be_absent,
    .function = FROM_ROW,
    .requirements = "BHK-11",
    .level = LEVEL_MUST,
    .modes = MODE_NO_CALLBACK,
    .does = "lets the call block on a thread without a blocking callback, then complete",
    .must =
        "the call waits, and completes with all that belongs to it when its peer lets it, or when "
        "its time has run out",
    .proofs = PROOF_STARTED | PROOF_BLOCKED,
    .awaits_syn = true,
    .rests_on = "startup/starts",
    .rows = calls,
};
