#include "harness/case.h"

#include <stdlib.h>

enum { CONNECTED, ACCEPTED };

/* Little, so that the peer is done with it soon. */
enum { SEND_BUFFER = 64 << 10 };

static const struct case_row sockets[] = {
    {.name = "connected_ipv4", .function = SPI_WSPCleanup, .family = AF_INET, .variant = CONNECTED},
    {.name = "connected_ipv6",
     .function = SPI_WSPCleanup,
     .family = AF_INET6,
     .variant = CONNECTED},
    {.name = "accepted_ipv4", .function = SPI_WSPCleanup, .family = AF_INET, .variant = ACCEPTED},
    {.name = NULL},
};

static struct connection accept_connection(int family)
{
    struct spi_socket *listener = arrange_listener(family, 1);
    struct sockaddr_storage address = socket_address(listener);
    struct connection connection = {.peer = peer_connect(&address)};

    require_outcome(NEEDED("provider"), "WSPAccept of a connection that is there",
                    spi_accept(listener, NULL, NULL, "accepted socket", &connection.local),
                    ONE_OF(SUCCEEDS));
    return connection;
}

static void clean_up(void *argument)
{
    struct outcome *outcome = argument;

    *outcome = provider_clean_up_now();
}

static void expect_all_arrives(struct peer *peer, size_t sent)
{
    unsigned char *received = malloc(sent);

    if (received == NULL) {
        stop_case(BROKEN("environment"), "memory for what was sent", "some", "none");
    }
    expect_number(MUST("CLEANUP-07"),
                  "bytes at the peer, of those sent on a socket that was closed before the last "
                  "WSPCleanup",
                  (int64_t)sent, (int64_t)peer_receive(peer, received, sent));
    free(received);
    prove(PROOF_COMPLETED, "the peer has read all that came");
}

/*
 * CLEANUP-07 (WSPCleanup): what was sent on a socket that was closed before, and does not linger,
 * is still under way, and a clean-up does not stop it. A provider that sends it itself may return
 * from WSPCleanup only when it is gone; so the peer reads if that takes long.
 */
static void closed_sockets_still_send(const struct case_row *row)
{
    /* A connection, on which as much is sent as there is room for, while the peer does not read. */
    static struct outcome outcome;
    struct client *t2 = client_start("T2");
    struct connection connection =
        row->variant == ACCEPTED ? accept_connection(row->family) : arrange_connection(row->family);
    const int size = SEND_BUFFER;
    size_t sent;

    require_that(NEEDED("environment"), !peers_are_provider(),
                 "peers that outlive the provider (G8)", "sockets of the system",
                 "sockets of the provider itself");
    peer_make_buffers_small(connection.peer);
    spi_set_option(connection.local, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    sent = fill_connection(connection.local);

    /* The socket is closed, and the provider is cleaned up. */
    require_outcome(NEEDED("provider"), "WSPCloseSocket of a connected socket",
                    spi_close(connection.local), ONE_OF(RETURNS(0)));
    client_post(t2, clean_up, &outcome);
    client_wait(t2, settings.budgets.quiet);

    /* The peer gets all of it. */
    expect_all_arrives(connection.peer, sent);
    require_that(NEEDED("provider"), client_wait(t2, settings.budgets.data) && !outcome.failed,
                 "the last WSPCleanup", "0", "a failure, or no return");
}

CASE(startup, closed_sockets_still_send) = {
    .run = closed_sockets_still_send,
    .function = SPI_WSPCleanup,
    .requirements = "CLEANUP-07",
    .level = LEVEL_MUST,
    .modes = MODE_NO_CALLBACK,
    .does = "cleans up for the last time after a socket was closed that still has much to send",
    .must = "the peer receives all of it",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = sockets,
};
