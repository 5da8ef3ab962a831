#include "harness/case.h"
#include "harness/mode.h"

/* What the client has done with a connection when it cleans up. */
enum situation { CONNECTED, ACCEPTED, NONBLOCKING, RECEIVING, PENDING, CANCELLED };

/* Several connections, so that one that is forgotten is noticed, whichever it is. */
enum { CONNECTIONS = 3 };

#define ROW(name_of_row, what, version, address_family)                                            \
    {                                                                                              \
        .name = #name_of_row "_ipv" #version, .function = SPI_WSPCleanup,                          \
        .family = (address_family), .variant = (what)                                              \
    }

/* The function is the one that was cancelled on the first of them. */
#define ROW_CANCELLED(call, spi)                                                                   \
    {                                                                                              \
        .name = "cancelled_" #call "_ipv4", .function = SPI_##spi, .family = AF_INET,              \
        .rests_on = "startup/starts startup/opens_closes_and_cleans_up "                           \
                    "cancel/ends_the_blocked_call/" #call "_ipv4",                                 \
        .variant = CANCELLED, .proofs = PROOF_CANCELLED, .modes = MODE_DIRECT                      \
    }

static const struct case_row situations[] = {
    ROW(connected, CONNECTED, 4, AF_INET),
    ROW(connected, CONNECTED, 6, AF_INET6),
    ROW(accepted, ACCEPTED, 4, AF_INET),
    ROW(accepted, ACCEPTED, 6, AF_INET6),
    ROW(nonblocking, NONBLOCKING, 4, AF_INET),
    {.name = "receiving_ipv4",
     .function = SPI_WSPCleanup,
     .family = AF_INET,
     .rests_on = "startup/starts startup/opens_closes_and_cleans_up callback/is_called_at_all",
     .variant = RECEIVING,
     .proofs = PROOF_BLOCKED},
    ROW(pending, PENDING, 4, AF_INET),
    ROW_CANCELLED(recv, WSPRecv),
    ROW_CANCELLED(select, WSPSelect),
    {.name = NULL},
};

static struct connection accept_connection(int family)
{
    static struct spi_socket *listener;
    struct connection connection = {0};
    struct sockaddr_storage address;

    if (listener == NULL) {
        listener = arrange_listener(family, CONNECTIONS);
    }
    address = socket_address(listener);
    connection.peer = peer_connect(&address);
    require_outcome(NEEDED("provider"), "WSPAccept of a connection that is there",
                    spi_accept(listener, NULL, NULL, "accepted socket", &connection.local),
                    ONE_OF(SUCCEEDS));
    return connection;
}

/* An overlapped receive, of which the client will never hear. */
static void begin_receiving(struct connection connection)
{
    struct stage *stage = stage_of_connection(connection.local, connection.peer);
    struct client *t3 = client_start("T3");

    begin_pending(t3, stage, BY_EVENT);
}

static struct connection arrange(int family, enum situation situation)
{
    struct connection connection =
        situation == ACCEPTED ? accept_connection(family) : arrange_connection(family);

    if (situation == NONBLOCKING) {
        require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1",
                        spi_set_nonblocking(connection.local, true), ONE_OF(RETURNS(0)));
    }
    if (situation == PENDING) {
        begin_receiving(connection);
    }
    return connection;
}

static void block_on(struct connection connection)
{
    struct stage *stage = stage_of_connection(connection.local, connection.peer);

    prove_blocked(start_call(client_start("T1"), &stage->operation, GOES_ON), 1);
}

/* Of a cancelled WSPRecv the provider may have ended the connection by itself (S21). */
static bool cancel_on(struct connection connection, enum spi_function function)
{
    struct stage *stage = stage_of_connection(connection.local, connection.peer);
    static struct operation select;

    if (function != SPI_WSPSelect) {
        require_cancelled(start_call(client_start("T1"), &stage->operation, CANCELS_AT(1)));
        return false;
    }
    select = operation_select(connection.local->entry, NULL);
    operation_select_add(&select, 0, &connection.local, 1);
    select.complete = stage->operation.complete;
    select.other_end = stage;
    require_cancelled(start_call(client_start("T1"), &select, CANCELS_AT(1)));
    return true;
}

static void clean_up(void *argument)
{
    struct outcome *outcome = argument;

    *outcome = provider_clean_up_now();
}

/* On a thread of its own: what it does about a blocked call is another case's business. */
static void clean_up_for_the_last_time(void)
{
    static struct outcome outcome;
    struct client *t2 = client_start("T2");

    client_post(t2, clean_up, &outcome);
    require_that(NEEDED("provider"), client_wait(t2, settings.budgets.data) && !outcome.failed,
                 "the last WSPCleanup, while connections are open", "0", "a failure, or no return");
}

/* As the peer sees it. Whether by a reset or gracefully is the provider's affair. */
static bool expect_ended(struct peer *peer)
{
    enum peer_end end = peer_end(peer, settings.budgets.data);
    bool ended =
        expect_that(MUST("CLEANUP-04"), end != PEER_CONNECTED,
                    "the connection of a socket that was open at the last WSPCleanup, at its peer",
                    "reset, or at its end", "%s", peer_end_text(end));

    if (ended) {
        prove(PROOF_COMPLETED, "the peer has seen the connection end");
    }
    return ended;
}

/*
 * CLEANUP-04 (WSPCleanup): the last clean-up resets what is still open. The peer, who can no longer
 * be told anything by anybody, hears of it; whether the client was in a call on the socket, has an
 * overlapped one pending, or has cancelled one, is no matter.
 */
static void last_clean_up_resets_connections(const struct case_row *row)
{
    struct connection connections[CONNECTIONS];
    unsigned first = 0;

    /* Some connections, whose peers do not go down with the provider (G8). */
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        connections[i] = arrange(row->family, (enum situation)row->variant);
    }
    require_that(NEEDED("environment"), !peers_are_provider(),
                 "peers that outlive the provider (G8)", "sockets of the system",
                 "sockets of the provider itself");
    if (row->variant == RECEIVING) {
        block_on(connections[0]);
    } else if (row->variant == CANCELLED && !cancel_on(connections[0], row->function)) {
        first = 1;
    }
    for (unsigned i = first; i < CONNECTIONS; i++) {
        require_that(NEEDED("environment"), peer_end(connections[i].peer, 0) == PEER_CONNECTED,
                     "a connection before the clean-up, at its peer", peer_end_text(PEER_CONNECTED),
                     "an end");
    }

    /* The client cleans up for the last time, and leaves them open. */
    clean_up_for_the_last_time();

    /* Every one of them has ended; one that has not is reason enough to wait for no other. */
    for (unsigned i = 0; i < CONNECTIONS && expect_ended(connections[i].peer); i++) {
    }
}

CASE(startup, last_clean_up_resets_connections) = {
    .run = last_clean_up_resets_connections,
    .function = SPI_WSPCleanup,
    .requirements = "CLEANUP-04",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cleans up for the last time while connections are open",
    .must = "the peer of each sees it end, by a reset or gracefully",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .rows = situations,
};
