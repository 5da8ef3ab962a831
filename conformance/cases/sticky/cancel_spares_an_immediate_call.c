#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_then_recv_ipv" #version,                                                      \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"},

/* Its callback cancels twice. */
#define TWICE_ROW(call, spi)                                                                       \
    {                                                                                              \
        .name = #call "_twice_then_recv_ipv4", .function = SPI_##spi, .family = AF_INET,           \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4", .variant = TWICE,               \
        .modes = MODE_DIRECT                                                                       \
    }

enum variant { ONCE, TWICE };

static const struct case_row calls[] = {
    SIX_CALLS_BOTH_FAMILIES(ROW) TWICE_ROW(accept, WSPAccept),
    TWICE_ROW(select, WSPSelect),
    TWICE_ROW(recv, WSPRecv),
    TWICE_ROW(recvfrom, WSPRecvFrom),
    {.name = NULL},
};

/* What the second cancel says is the provider's choice (CBC-19). */
static BOOL cancels_twice(struct callback_turn *turn)
{
    callback_cancel(turn);
    spi_cancel(turn->call->entry);
    return FALSE;
}

/* A connection over which bytes have come that nobody has received yet. */
static struct stage *arrange_ready(int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPRecv, family);

    stage_complete(stage);
    require_that(NEEDED("provider"), wait_until_readable(stage->socket),
                 "WSPSelect once the peer has sent", "readable", "not readable");
    return stage;
}

/* Receives what has come; how often that called back, or -1 if it failed. */
static LONG receive(struct demand demand, struct client *t1, struct stage *stage)
{
    struct blocked_call *call = start_call(t1, &stage->operation, GOES_ON);

    if (!join_completed(call, demand, ONE_OF(RETURNS(0))) ||
        !expect_completes(demand, stage, call)) {
        return -1;
    }
    return call_record(call)->callbacks;
}

/*
 * STICKY-03 (WSPCancelBlockingCall: S7, derived): a cancel is not carried over to a later call that
 * can finish at once, either: a WSPRecv on another socket, with bytes waiting, returns them, and
 * calls back no more often than it did before the cancel.
 */
static void cancel_spares_an_immediate_call(const struct case_row *row)
{
    /* A socket on which the call can only wait, and two with bytes to receive. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *before = arrange_ready(row->family);
    struct stage *after = arrange_ready(row->family);
    struct client *t1 = client_start("T1");
    LONG usual = receive(NEEDED("provider"), t1, before);
    LONG callbacks;

    /* T1 blocks; its callback cancels. */
    require_cancelled(start_call(
        t1, &stage->operation, row->variant == TWICE ? ACTS(cancels_twice, NULL) : CANCELS_AT(1)));

    /* T1 receives at once. */
    callbacks = receive(MUST("STICKY-03"), t1, after);
    if (usual >= 0 && callbacks >= 0) {
        expect_at_most(MUST("STICKY-03"),
                       "blocking callbacks in a WSPRecv with bytes waiting, after a cancel", usual,
                       callbacks);
    }
}

CASE(sticky, cancel_spares_an_immediate_call) = {
    .run = cancel_spares_an_immediate_call,
    .function = FROM_ROW,
    .requirements = "STICKY-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call, once or twice, then receives on another socket, where bytes "
            "are waiting",
    .must = "the WSPRecv returns these bytes at once",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
