#include "harness/case.h"

/* What becomes of the socket of the cancelled connect before the next one. */
enum { CLOSED, LEFT_OPEN };

static const struct case_row sockets[] = {
    {.name = "ipv4", .family = AF_INET},
    {.name = "ipv6", .family = AF_INET6},
    {.name = "ipv4_while_it_is_open", .family = AF_INET, .variant = LEFT_OPEN},
    {.name = "ipv6_while_it_is_open", .family = AF_INET6, .variant = LEFT_OPEN},
    {.name = NULL},
};

/*
 * CONNECT-09 (WSPCancelBlockingCall: S14): that a cancelled connect still holds resources may be
 * noticed when the same peer is connected to again. Another peer is reached as ever, at once,
 * whether the socket of the cancelled connect has been closed yet or not.
 */
static void another_peer_is_reached(const struct case_row *row)
{
    /* A listener that answers no further connect, and one that does. */
    struct stage *stage = arrange_blocked(SPI_WSPConnect, row->family);
    struct peer *listener = peer_listener(row->family, 5);
    struct sockaddr_storage address = peer_address(listener);
    struct client *t1 = client_start("T1");
    static struct operation connect;
    struct spi_socket *socket;
    struct blocked_call *call;
    struct peer *peer;

    /* T1 blocks in WSPConnect to the first; its callback cancels. The socket is closed, or not. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    if (row->variant == CLOSED &&
        !expect_closes(resting_on(MUST("PCS-02"), gate_of_close_after(SPI_WSPConnect)),
                       "WSPCloseSocket after a cancelled WSPConnect", stage->socket)) {
        return;
    }

    /* T1 connects to the other one with a new socket. */
    socket = provider_socket(row->family, SOCK_STREAM, "second socket");
    connect = operation_connect(socket, &address);
    call = start_call(t1, &connect, GOES_ON);
    if (!join_completed(call, MUST("CONNECT-09"), ONE_OF(RETURNS(0)))) {
        return;
    }

    /* The connection is there, and carries bytes. */
    peer = peer_accept(listener, settings.budgets.data);
    if (expect_holds(MUST("CONNECT-09"), peer != NULL, "the second connection, at its listener",
                     "it is there", "no connection within %lu ms", settings.budgets.data)) {
        expect_echo(MUST("CONNECT-09"), "over the second connection", socket, peer);
    }
}

CASE(connect, another_peer_is_reached) = {
    .run = another_peer_is_reached,
    .function = SPI_WSPConnect,
    .requirements = "CONNECT-09",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "connects to a second peer after a WSPConnect to the first was cancelled",
    .must = "the connection is made at once, and carries bytes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/connect_ipv4",
    .rows = sockets,
};
