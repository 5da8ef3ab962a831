#include "harness/case.h"
#include "harness/within.h"

/* What connects in the callback: to a peer that listens, to nobody, or a datagram socket. */
enum { STREAM, REFUSED_STREAM, DATAGRAM_SOCKET };

#define ROW(call, spi, which, what, version, address_family)                                       \
    {                                                                                              \
        .name = which "_in_" #call "_ipv" #version, .function = SPI_##spi,                         \
        .family = (address_family), .rests_on = RESTS_ON_RELEASED(call), .variant = (what)         \
    }

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, "stream", STREAM, 4, AF_INET),
    ROW(select, WSPSelect, "stream", STREAM, 4, AF_INET),
    ROW(recv, WSPRecv, "stream", STREAM, 4, AF_INET),
    ROW(send, WSPSend, "stream", STREAM, 4, AF_INET),
    ROW(recv, WSPRecv, "stream", STREAM, 6, AF_INET6),
    ROW(recv, WSPRecv, "refused_stream", REFUSED_STREAM, 4, AF_INET),
    ROW(recvfrom, WSPRecvFrom, "datagram", DATAGRAM_SOCKET, 4, AF_INET),
    {.name = NULL},
};

static struct outcome connect_to_it(struct within_cast *cast, int *gave)
{
    (void)gave;
    return spi_connect(cast->fresh, (struct sockaddr *)&cast->address,
                       address_length(&cast->address));
}

static const struct within_call connects[] = {{.what = "WSPConnect", .make = connect_to_it}};

/* The other end; where it has gone, its address is still nobody else's. */
static struct peer *arrange_peer(const struct case_row *row)
{
    return row->variant == DATAGRAM_SOCKET ? peer_datagram(row->family)
                                           : peer_listener(row->family, 5);
}

static struct within_cast arrange_cast(const struct case_row *row, struct peer *peer)
{
    int type = row->variant == DATAGRAM_SOCKET ? SOCK_DGRAM : SOCK_STREAM;
    struct within_cast cast = {.address = peer_address(peer)};

    cast.fresh = provider_socket(row->family, type, "connecting socket");
    if (row->variant == REFUSED_STREAM) {
        peer_close(peer);
    }
    return cast;
}

/* A connect that returned 0 has made a connection, which carries bytes. */
static void expect_connected(struct within *within, struct spi_socket *socket,
                             struct peer *listener)
{
    const char *what = "over the connection that WSPConnect made in the blocking callback";
    struct peer *arrived;

    if (within_refused(within) > 0) {
        return;
    }
    arrived = peer_accept(listener, settings.budgets.data);
    if (expect_that(MUST("CONNECT-12"), arrived != NULL,
                    "the connection that WSPConnect made in the blocking callback",
                    "it comes to the listener", "it does not come")) {
        expect_echo(MUST("CONNECT-12"), what, socket, arrived);
    }
}

/*
 * CONNECT-12 (WSPConnect, on WSAEINPROGRESS; K3): a connect that is made in the blocking callback
 * of another call connects, as it does elsewhere, or is refused.
 */
static void connect_in_the_callback(const struct case_row *row)
{
    /* A socket on which the call can only wait, and two to connect to a peer that answers. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct peer *peer = arrange_peer(row);
    struct within_cast outside = arrange_cast(row, arrange_peer(row));
    struct within_cast inside = arrange_cast(row, peer);
    struct within *within = within_arrange(connects, ARRAYSIZE(connects), outside, inside);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    within_make_outside(within, t1);
    require_outcome(NEEDED("provider"), "WSPConnect outside of any callback",
                    within_usual(within, 0),
                    row->variant == REFUSED_STREAM ? ONE_OF(FAILS) : ONE_OF(RETURNS(0)));

    /* T1 blocks; its callback connects. */
    call = start_call(t1, &stage->operation, ACTS(within_make_inside, within));
    prove_blocked(call, 1);

    /* That came to what it comes to outside, or was refused. */
    if (!expect_usual_within(MUST("CONNECT-12"), within, call)) {
        return;
    }
    release_call(call);
    if (row->variant == STREAM) {
        expect_connected(within, inside.fresh, peer);
    }
}

CASE(nested, connect_in_the_callback) = {
    .run = connect_in_the_callback,
    .function = FROM_ROW,
    .requirements = "CONNECT-12",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "connects another socket in the blocking callback",
    .must = "WSPConnect has its usual result there, or fails with WSAEINPROGRESS",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
