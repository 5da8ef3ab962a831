#include "harness/case.h"
#include "harness/names.h"

/* How the call ends: by its peer, or by its own time. */
enum { COMPLETES, TIMES_OUT, A_MOMENT_MS = 50 };

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family)},

#define TIMED_ROW(call, spi)                                                                       \
    {                                                                                              \
        .name = #call "_times_out_ipv4", .function = SPI_##spi, .family = AF_INET,                 \
        .variant = TIMES_OUT                                                                       \
    }

static const struct case_row calls[] = {
    SIX_CALLS_BOTH_FAMILIES(ROW) TIMED_ROW(select, WSPSelect),
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

/*
 * BHK-11 (WPUQueryBlockingCallback): a thread need not have a blocking callback; its calls then
 * wait natively, and complete all the same, or time out.
 */
static void may_be_absent(const struct case_row *row)
{
    /* A socket on which the call can only wait, and a peer that could let it complete. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    require_that(NEEDED("environment"), row->function != SPI_WSPConnect || stage->peer != NULL,
                 "who is connected to", "a listener that can be made to answer",
                 "an unresponsive address");

    if (row->variant == TIMES_OUT) {
        require_timeout(stage, A_MOMENT_MS);
    }

    /* The call blocks; WPUQueryBlockingCallback says NULL. */
    call = start_call(t1, &stage->operation, GOES_ON);
    if (row->variant == TIMES_OUT) {
        expect_times_out(call, row->function);
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
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .awaits_syn = true,
    .rests_on = "startup/starts",
    .rows = calls,
};
