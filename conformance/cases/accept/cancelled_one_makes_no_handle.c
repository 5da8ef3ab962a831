#include "harness/case.h"

enum { ROUNDS = 8 };

/*
 * ACCEPT-01 (WSPCancelBlockingCall: S10; WSPSocket and WSPCloseSocket on handles): a cancelled
 * accept fails with INVALID_SOCKET and WSAEINTR, and what handles it made for the connection that
 * did not come it gives back. A few may be kept ready for the next call, but not one more with each
 * cancel.
 */
static void cancelled_one_makes_no_handle(const struct case_row *row)
{
    /* A listener with an empty backlog, and the handles that were made for it. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    static struct operation accepts[ROUNDS];
    unsigned before = upcall_handles_made();
    unsigned left;

    /* T1 blocks in WSPAccept, again and again; each time its callback cancels. */
    for (unsigned i = 0; i < ROUNDS; i++) {
        accepts[i] = operation_again(&stage->operation);
        if (!join_cancelled(start_call(t1, &accepts[i], CANCELS_AT(1)), MUST("ACCEPT-01"))) {
            return;
        }
    }

    /* The handles made meanwhile are given back. */
    left = upcall_handles_left(before, settings.budgets.cancel);
    expect_at_most(leaking(MUST("ACCEPT-01")),
                   "socket handles made by 8 cancelled calls of WSPAccept and not closed",
                   ROUNDS - 1, left);
    if (left > 0) {
        record_choice("WSPAccept keeps %u socket handles ready after a cancel", left);
    }
}

CASE(accept, cancelled_one_makes_no_handle) = {
    .run = cancelled_one_makes_no_handle,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-01 UPC-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPAccept eight times and counts socket handles",
    .must = "each accept fails with INVALID_SOCKET and WSAEINTR, and leaves no handle behind",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "callback/is_called_while_blocked/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
