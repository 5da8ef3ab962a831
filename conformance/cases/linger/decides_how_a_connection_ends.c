#include "harness/case.h"

enum { LINGER_ZERO, DEFAULT_LINGER, DONT_LINGER, ACCEPTED_ZERO, ZERO_AFTER_DONT_LINGER };

/* So much that it takes several packets, and so little that it fits where nobody reads yet. */
enum { DATA_SIZE = 20000 };

static const struct case_row endings[] = {
    {.name = "zero_ipv4", .family = AF_INET, .variant = LINGER_ZERO},
    {.name = "default_ipv4", .family = AF_INET, .variant = DEFAULT_LINGER},
    {.name = "zero_ipv6", .family = AF_INET6, .variant = LINGER_ZERO},
    {.name = "default_ipv6", .family = AF_INET6, .variant = DEFAULT_LINGER},
    {.name = "dont_linger_ipv4", .family = AF_INET, .variant = DONT_LINGER},
    {.name = "zero_after_dont_linger_ipv4", .family = AF_INET, .variant = ZERO_AFTER_DONT_LINGER},
    {.name = "accepted_zero_ipv4", .family = AF_INET, .variant = ACCEPTED_ZERO},
    {.name = NULL},
};

static void set_linger_zero(struct spi_socket *socket)
{
    struct linger zero = {.l_onoff = 1, .l_linger = 0};

    require_outcome(NEEDED("provider"), "WSPSetSockOpt SO_LINGER {1, 0} (G5)",
                    spi_set_option(socket, SOL_SOCKET, SO_LINGER, &zero, sizeof zero),
                    ONE_OF(RETURNS(0)));
}

/* Takes a linger time of zero back. */
static void set_dont_linger(struct spi_socket *socket)
{
    BOOL on = TRUE;

    set_linger_zero(socket);
    require_outcome(NEEDED("provider"), "WSPSetSockOpt SO_DONTLINGER (G5)",
                    spi_set_option(socket, SOL_SOCKET, SO_DONTLINGER, &on, sizeof on),
                    ONE_OF(RETURNS(0)));
}

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

/* On a thread of its own: a send that does not take the data at once must not stop the case. */
static const struct buffer *send_data(struct spi_socket *socket)
{
    struct buffer *data = buffer_with_pattern("what was sent before the close", DATA_SIZE, 0);
    static struct operation send;

    send = operation_send(socket, data);
    if (!join_completed(start_call(client_start("T1"), &send, GOES_ON), NEEDED("provider"),
                        ONE_OF(RETURNS(0)))) {
        stop_case(NEEDED("provider"), "data under way when the socket is closed", "some", "none");
    }
    return data;
}

static void expect_all_of(const struct buffer *data, struct peer *peer)
{
    static unsigned char arrived[DATA_SIZE];
    size_t count = peer_receive(peer, arrived, sizeof arrived);

    if (expect_number(MUST("LINGER-03"),
                      "how many bytes the peer received of what was sent before "
                      "WSPCloseSocket",
                      DATA_SIZE, (int64_t)count)) {
        expect_bytes(MUST("LINGER-03"), "what the peer received", data->bytes, arrived, DATA_SIZE);
    }
}

/*
 * LINGER-03 (WSPCloseSocket, its table of linger settings): without any cancel, closing resets the
 * connection if the linger time is zero, whichever end has made it; by default, and where the
 * client has gone back to it, it ends the connection gracefully, after all that was sent.
 */
static void decides_how_a_connection_ends(const struct case_row *row)
{
    /* A connection whose peer can tell a reset from a graceful end. */
    bool accepted = row->variant == ACCEPTED_ZERO;
    bool changed_its_mind = row->variant == ZERO_AFTER_DONT_LINGER;
    bool zero = accepted || changed_its_mind || row->variant == LINGER_ZERO;
    const struct buffer *data = NULL;
    struct connection connection;
    enum peer_end wanted = zero ? PEER_RESET : PEER_GRACEFUL_END;
    enum peer_end end;
    peer_control(row->family);
    connection = accepted ? accept_connection(row->family) : arrange_connection(row->family);

    /* The client says how it is to end, or sends and says nothing; and closes. */
    if (changed_its_mind) {
        set_dont_linger(connection.local);
    }
    if (zero) {
        set_linger_zero(connection.local);
    } else {
        if (row->variant == DONT_LINGER) {
            set_dont_linger(connection.local);
        }
        data = send_data(connection.local);
    }
    if (!expect_closes(MUST("LINGER-03"), "WSPCloseSocket", connection.local)) {
        return;
    }

    /* The peer sees it end that way. */
    if (data != NULL) {
        expect_all_of(data, connection.peer);
    }
    end = peer_end(connection.peer, settings.budgets.data);
    expect_that(MUST("LINGER-03"), end == wanted,
                zero ? "what the peer sees after a linger time of zero and WSPCloseSocket"
                     : "what the peer sees after WSPCloseSocket with default linger",
                peer_end_text(wanted), "%s", peer_end_text(end));
}

CASE(linger, decides_how_a_connection_ends) = {
    .run = decides_how_a_connection_ends,
    .function = SPI_WSPCloseSocket,
    .requirements = "LINGER-03",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "closes a connection with a linger time of zero, or by default after sending",
    .must = "the peer sees a reset with the one, all data and a graceful end with the other",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = endings,
};
