#include "harness/case.h"
#include "harness/others.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = RESTS_ON_RELEASED(call)                                                        \
    }

/* The variant is the type of the other socket, where it is not that of the blocked call's. */
static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    ROW(recv, WSPRecv, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW(send, WSPSend, 4, AF_INET),
    ROW(recv, WSPRecv, 6, AF_INET6),
    {.name = "recv_beside_datagrams_ipv4",
     .function = SPI_WSPRecv,
     .family = AF_INET,
     .rests_on = RESTS_ON_RELEASED(recv),
     .variant = SOCK_DGRAM},
    {.name = "recvfrom_beside_a_stream_ipv4",
     .function = SPI_WSPRecvFrom,
     .family = AF_INET,
     .rests_on = RESTS_ON_RELEASED(recvfrom),
     .variant = SOCK_STREAM},
    {.name = NULL},
};

static BOOL makes_others(struct callback_turn *turn)
{
    make_others(turn->argument);
    return TRUE;
}

/*
 * REENT-03, REENT-01 (blocking hook overview; K3): a call on another socket, made in the blocking
 * callback, gives its usual result or is refused with WSAEINPROGRESS. Either way the blocked call
 * waits on, and completes with what belongs to it.
 */
static void blocked_call_is_unharmed(const struct case_row *row)
{
    /* A socket on which the call can only wait, and another one. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct others *others = row->variant != 0
                                ? arrange_others_of_type((int)row->variant, row->family)
                                : arrange_others(stage);
    struct client *t1 = client_start("T1");

    /* T1 blocks; its callback makes calls on the other socket. */
    struct blocked_call *call = start_call(t1, &stage->operation, ACTS(makes_others, others));
    prove_blocked(call, 1);
    wait_for_callback_end(call, 1, settings.budgets.data);
    if (!expect_others(MUST("REENT-01"), others, call)) {
        return;
    }

    /* It still waits, and then its peer lets it complete. */
    if (expect_still_blocked(call, MUST("REENT-03"),
                             "the blocked call after calls on another socket in its callback") &&
        expect_completes(MUST("REENT-03"), stage, call) && row->function == SPI_WSPRecvFrom) {
        expect_sender(MUST("REENT-03"),
                      "the sender that WSPRecvFrom named, after one of another datagram in its "
                      "callback",
                      &stage->operation, stage->peer);
    }
}

CASE(nested, blocked_call_is_unharmed) = {
    .run = blocked_call_is_unharmed,
    .function = FROM_ROW,
    .requirements = "REENT-03 REENT-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes calls on another socket in the blocking callback, and lets the call complete",
    .must = "those calls work or are refused with WSAEINPROGRESS, and the blocked one completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rows = calls,
};
