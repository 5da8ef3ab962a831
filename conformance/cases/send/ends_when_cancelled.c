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
 * SEND-01 (WSPCancelBlockingCall: S10; K4): a cancelled WSPSend fails with WSAEINTR. The page on
 * WSPSend does not list that error; that each cancelled call ends with it leaves no exception.
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A connection that is full, as its peer does not read, and much more to send. */
    struct stage *stage = arrange_blocked(SPI_WSPSend, row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPSend; its callback cancels. */
    struct blocked_call *call =
        start_call(t1, &stage->operation, CANCELS_AT((unsigned)row->variant));

    /* The send ends with WSAEINTR, not with what little it may have sent. */
    join_cancelled(call, MUST("SEND-01"));
}

CASE(send, ends_when_cancelled) = {
    .run = ends_when_cancelled,
    .function = SPI_WSPSend,
    .requirements = "SEND-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSend that waits for its peer to read at its first or its third blocking "
            "callback",
    .must = "WSPSend fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/send_ipv4",
    .rows = callbacks,
};
