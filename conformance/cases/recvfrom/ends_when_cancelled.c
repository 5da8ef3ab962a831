#include "harness/case.h"

/* The variant is the callback that cancels. */
static const struct case_row callbacks[] = {
    {.name = "ipv4", .family = AF_INET, .variant = 1},
    {.name = "ipv4_later", .family = AF_INET, .variant = 3},
    {.name = "ipv6", .family = AF_INET6, .variant = 1},
    {.name = "ipv6_later", .family = AF_INET6, .variant = 3},
    {.name = NULL},
};

/*
 * RECVFROM-01 (WSPCancelBlockingCall: S10): a cancelled WSPRecvFrom fails with WSAEINTR.
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A bound datagram socket to which nobody sends. */
    struct stage *stage = arrange_blocked(SPI_WSPRecvFrom, row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPRecvFrom; its callback cancels. */
    struct blocked_call *call =
        start_call(t1, &stage->operation, CANCELS_AT((unsigned)row->variant));

    /* The receive ends with WSAEINTR. */
    join_cancelled(call, MUST("RECVFROM-01"));
}

CASE(recvfrom, ends_when_cancelled) = {
    .run = ends_when_cancelled,
    .function = SPI_WSPRecvFrom,
    .requirements = "RECVFROM-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPRecvFrom that waits for a datagram at its first or its third blocking "
            "callback",
    .must = "WSPRecvFrom fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/recvfrom_ipv4",
    .rows = callbacks,
};
