#include "harness/case.h"

enum { CONTROL, AFTERWARDS, SOCKETS };

/* The same call on both listeners has the same result, if it has any success without a cancel. */
static bool expect_same(const char *what, const struct outcome outcomes[SOCKETS])
{
    if (outcomes[CONTROL].failed) {
        record_choice("%s fails on a listener on which nothing was cancelled", what);
        return true;
    }
    return expect_outcome(MUST("ACCEPT-11"), about("%s after a cancelled accept", what),
                          outcomes[AFTERWARDS], ONE_OF(SUCCEEDS));
}

static struct outcome duplicate(struct spi_socket *listener)
{
    WSAPROTOCOL_INFOW info = {0};

    return spi_duplicate(listener, GetCurrentProcessId(), &info);
}

/*
 * ACCEPT-11 (WSPCancelBlockingCall: S16): what was legal on a listener before an accept on it was
 * cancelled is legal afterwards: to listen again, to duplicate it, to accept, to close it. What
 * fails without a cancel too is not asked of it.
 */
static void what_was_legal_is_legal(const struct case_row *row)
{
    /* Two listeners; on the first nothing is cancelled. */
    struct stage *control = arrange_blocked(SPI_WSPAccept, row->family);
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct spi_socket *accepted;

    /* T1 blocks in WSPAccept on the other one; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* It listens again, and is duplicated, as the first one does and is. */
    if (!expect_same("WSPListen", (const struct outcome[]){spi_listen(control->socket, 5),
                                                           spi_listen(stage->socket, 5)}) ||
        !expect_same("WSPDuplicateSocket", (const struct outcome[]){duplicate(control->socket),
                                                                    duplicate(stage->socket)})) {
        return;
    }

    /* It gives a connection, and closes. */
    connection_arrives(stage);
    accepted = expect_accepts(MUST("ACCEPT-11"), "WSPAccept on a listener that listens again",
                              stage->socket);
    if (accepted != NULL) {
        expect_closes(MUST("ACCEPT-11"), "WSPCloseSocket of a listener after a cancelled accept",
                      stage->socket);
    }
}

CASE(accept, what_was_legal_is_legal) = {
    .run = what_was_legal_is_legal,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-11",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "listens again, duplicates, accepts and closes after a cancelled WSPAccept",
    .must = "each call works that works on a listener on which nothing was cancelled",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
