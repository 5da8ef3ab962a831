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
 * CONNECT-01 (WSPCancelBlockingCall: S10, S13): a cancelled WSPConnect ends with WSAEINTR within
 * the budget, and does not wait until the transport has given up.
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A socket, and a listener that answers no further connect. */
    struct stage *stage = arrange_blocked(SPI_WSPConnect, row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPConnect; its callback cancels. */
    struct blocked_call *call =
        start_call(t1, &stage->operation, CANCELS_AT((unsigned)row->variant));

    /* The connect ends long before the transport would. */
    join_cancelled(call, MUST("CONNECT-01"));
}

CASE(connect, ends_when_cancelled) = {
    .run = ends_when_cancelled,
    .function = SPI_WSPConnect,
    .requirements = "CONNECT-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a stalled WSPConnect at its first or its third blocking callback",
    .must = "WSPConnect fails with WSAEINTR long before the transport would give up",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/connect_ipv4",
    .rows = callbacks,
};
