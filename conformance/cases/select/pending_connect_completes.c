#include "harness/case.h"

static struct operation wait_for_connect(struct stage *stage)
{
    struct operation select = operation_select(stage->socket->entry, NULL);

    operation_select_add(&select, 1, &stage->socket, 1);
    operation_select_add(&select, 2, &stage->socket, 1);
    return select;
}

/* If the connect has failed, the transport may have had enough of a listener without room. */
static bool expect_connected(struct stage *stage, const struct operation *select)
{
    bool connected = fd_set_holds(fd_set_of(select->sets[1]), stage->socket->handle);
    int reason = 0;
    int size = sizeof reason;
    bool gave_up;

    spi_get_option(stage->socket, SOL_SOCKET, SO_ERROR, &reason, &size);
    gave_up = !connected && (reason == WSAECONNREFUSED || reason == WSAETIMEDOUT);
    return expect_that(gave_up ? NEEDED("environment") : MUST("SELECT-02"), connected,
                       "WSPSelect for a connect that can come through",
                       "the socket in the write set", "%s, with SO_ERROR %d",
                       connected ? "there" : "not there", reason);
}

/*
 * SELECT-02 (WSPCancelBlockingCall: S15, S16): a non-blocking connect that is under way stays so
 * when a select that waits for it is cancelled; it comes through later, and the next select says
 * so.
 */
static void pending_connect_completes(const struct case_row *row)
{
    /* A non-blocking connect that cannot come through yet. */
    struct stage *stage = arrange_pending_connect(row->family);
    struct client *t1 = client_start("T1");
    static struct operation first;
    static struct operation second;
    struct blocked_call *call;
    struct peer *peer;

    first = wait_for_connect(stage);

    /* T1 blocks in WSPSelect until it has; its callback cancels. */
    require_cancelled(start_call(t1, &first, CANCELS_AT(1)));

    /* Now the connect can come through; the next select sees it. */
    let_pending_connect_through(stage);
    second = wait_for_connect(stage);
    call = start_call(t1, &second, GOES_ON);
    if (!join_completed(call, MUST("SELECT-02"), ONE_OF(SUCCEEDS)) ||
        !expect_connected(stage, &second)) {
        return;
    }

    /* The connection carries bytes both ways. */
    peer = expect_pending_connect_arrived(MUST("SELECT-02"), stage);
    if (peer != NULL &&
        expect_outcome(MUST("SELECT-02"), "WSPIoctl FIONBIO 0 after the cancelled select",
                       spi_set_nonblocking(stage->socket, false), ONE_OF(RETURNS(0)))) {
        expect_echo(MUST("SELECT-02"), "over the connection that came through", stage->socket,
                    peer);
    }
}

CASE(select, pending_connect_completes) = {
    .run = pending_connect_completes,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect that waits for a non-blocking connect",
    .must = "the connect comes through later, and the connection carries bytes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = BOTH_FAMILIES(WSPSelect),
};
