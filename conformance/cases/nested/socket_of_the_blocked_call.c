#include "harness/case.h"
#include "harness/within.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = RESTS_ON_RELEASED(call)                                                        \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, 4, AF_INET),         ROW(recv, WSPRecv, 6, AF_INET6),
    ROW(recvfrom, WSPRecvFrom, 4, AF_INET), ROW(send, WSPSend, 4, AF_INET),
    ROW(accept, WSPAccept, 4, AF_INET),     {.name = NULL},
};

enum { SENT_BEFORE = 16 };

static struct outcome ask(struct within_cast *cast, unsigned which)
{
    struct operation select = operation_select(cast->socket->entry, read_only_timeval(0, 0));

    operation_select_add(&select, which, &cast->socket, 1);
    return operation_perform(&select);
}

static struct outcome ask_readable(struct within_cast *cast, int *gave)
{
    (void)gave;
    return ask(cast, 0);
}

static struct outcome ask_writable(struct within_cast *cast, int *gave)
{
    (void)gave;
    return ask(cast, 1);
}

static struct outcome send_a_byte(struct within_cast *cast, int *gave)
{
    struct operation send = operation_send(cast->socket, buffer_with_pattern("a byte", 1, 0));
    struct outcome outcome = operation_perform(&send);

    *gave = outcome.failed ? 0 : (int)operation_transferred(&send);
    return outcome;
}

static struct outcome send_a_datagram(struct within_cast *cast, int *gave)
{
    struct buffer *datagram = buffer_with_pattern("a datagram", SENT_BEFORE, 0);
    WSABUF buffer = {.len = (u_long)datagram->size, .buf = (char *)datagram->bytes};
    DWORD sent = 0;
    struct outcome outcome =
        spi_send_to(cast->socket, &buffer, 1, &sent, 0, (const struct sockaddr *)&cast->address,
                    address_length(&cast->address));

    *gave = outcome.failed ? 0 : (int)sent;
    return outcome;
}

static struct outcome receive_what_is_there(struct within_cast *cast, int *gave)
{
    struct operation receive = operation_receive(cast->socket, SENT_BEFORE);
    struct outcome outcome = operation_perform(&receive);

    *gave = outcome.failed ? 0 : (int)operation_transferred(&receive);
    return outcome;
}

/* Nothing that takes what the blocked call waits for, nor makes it come. */
static const struct within_call beside_a_receive[] = {
    {.what = "WSPSelect {0, 0} to read", .make = ask_readable},
    {.what = "WSPSelect {0, 0} to write", .make = ask_writable},
    {.what = "WSPSend", .make = send_a_byte},
};
static const struct within_call beside_a_receive_of_datagrams[] = {
    {.what = "WSPSelect {0, 0} to read", .make = ask_readable},
    {.what = "WSPSendTo", .make = send_a_datagram},
};
static const struct within_call beside_a_send[] = {
    {.what = "WSPSelect {0, 0} to read", .make = ask_readable},
    {.what = "WSPRecv of bytes that are there", .make = receive_what_is_there},
};
static const struct within_call beside_an_accept[] = {
    {.what = "WSPSelect {0, 0} to read", .make = ask_readable},
};

/* The socket that a call blocks on, and what its peer has sent to it before. */
static struct within_cast cast_of(struct stage *stage)
{
    struct within_cast cast = {.socket = stage->socket};

    if (stage->function == SPI_WSPSend) {
        struct buffer *data = buffer_with_pattern("what the peer sends", SENT_BEFORE, 0);
        peer_send(stage->peer, data->bytes, data->size);
        require_that(NEEDED("provider"), wait_until_readable(stage->socket),
                     "WSPSelect once the peer has sent", "readable", "not readable");
    } else if (stage->function == SPI_WSPRecvFrom) {
        cast.address = peer_address(stage->peer);
    }
    return cast;
}

static struct within *arrange_calls(enum spi_function function, struct stage *twin,
                                    struct stage *stage)
{
    struct within_cast outside = cast_of(twin);
    struct within_cast inside = cast_of(stage);

    switch (function) {
    case SPI_WSPRecv:
        return within_arrange(beside_a_receive, ARRAYSIZE(beside_a_receive), outside, inside);
    case SPI_WSPRecvFrom:
        return within_arrange(beside_a_receive_of_datagrams,
                              ARRAYSIZE(beside_a_receive_of_datagrams), outside, inside);
    case SPI_WSPSend:
        return within_arrange(beside_a_send, ARRAYSIZE(beside_a_send), outside, inside);
    default:
        return within_arrange(beside_an_accept, ARRAYSIZE(beside_an_accept), outside, inside);
    }
}

/*
 * REENT-01 (blocking hook overview; K3): the callback may call on the very socket whose call is
 * blocked, as a client does that sends while it waits for the answer. Such a call comes to what it
 * comes to while nothing is blocked there, or is refused with WSAEINPROGRESS.
 */
static void socket_of_the_blocked_call(const struct case_row *row)
{
    /* A socket on which the call can only wait, and another such for the calls made outside. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct within *within =
        arrange_calls(row->function, arrange_blocked(row->function, row->family), stage);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;
    within_make_outside(within, t1);

    /* T1 blocks; its callback makes the calls. */
    call = start_call(t1, &stage->operation, ACTS(within_make_inside, within));
    prove_blocked(call, 1);

    /* They came to what they came to outside, or were refused. */
    if (expect_usual_within(MUST("REENT-01"), within, call)) {
        release_call(call);
    }
}

CASE(nested, socket_of_the_blocked_call) = {
    .run = socket_of_the_blocked_call,
    .function = FROM_ROW,
    .requirements = "REENT-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes calls on the socket of the blocked call in its blocking callback",
    .must = "they have their usual results, or are refused with WSAEINPROGRESS",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
