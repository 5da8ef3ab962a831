#include "harness/prompt.h"

#include "harness/names.h"

/* How long the socket lingers; or that another thread is in a WSPRecv on it. */
enum { A_MINUTE_S = 60, BESIDE_A_RECEIVER = -1 };

#define ROW(name_of, spi, seconds, version, address_family)                                        \
    {                                                                                              \
        .name = #name_of "_ipv" #version, .function = SPI_##spi, .family = (address_family),       \
        .variant = (seconds)                                                                       \
    }

static const struct case_row halves[] = {
    ROW(send_lingering, WSPSendDisconnect, A_MINUTE_S, 4, AF_INET),
    ROW(receive_lingering, WSPRecvDisconnect, A_MINUTE_S, 4, AF_INET),
    ROW(send, WSPSendDisconnect, 0, 4, AF_INET),
    ROW(receive, WSPRecvDisconnect, 0, 4, AF_INET),
    ROW(receive_beside_a_receiver, WSPRecvDisconnect, BESIDE_A_RECEIVER, 4, AF_INET),
    ROW(send_beside_a_receiver, WSPSendDisconnect, BESIDE_A_RECEIVER, 4, AF_INET),
    ROW(send_lingering, WSPSendDisconnect, A_MINUTE_S, 6, AF_INET6),
    ROW(receive_lingering, WSPRecvDisconnect, A_MINUTE_S, 6, AF_INET6),
    {.name = NULL},
};

static struct outcome disconnect(struct operation *operation)
{
    return operation->function == SPI_WSPSendDisconnect ? spi_send_disconnect(operation->socket)
                                                        : spi_receive_disconnect(operation->socket);
}

/* A connection on which nothing was sent, and on which another thread waits for something. */
static struct operation make_disconnect_beside_a_receiver(const struct case_row *row)
{
    struct stage *stage = arrange_blocked(SPI_WSPRecv, row->family);
    struct operation operation = operation_made_by(row->function, stage->socket, disconnect);

    prove_blocked(start_call(client_start("T2"), &stage->operation, GOES_ON), 1);
    operation.complete = stage->operation.complete;
    operation.other_end = stage;
    return operation;
}

/* A connection with unsent data whose peer neither reads nor sends, to be disconnected. */
static struct operation make_disconnect(const struct case_row *row)
{
    struct stage *stage = arrange_unsent(row->family);

    if (row->variant > 0) {
        require_linger(stage->socket, true, (unsigned short)row->variant);
    }
    return with_peer_reading(operation_made_by(row->function, stage->socket, disconnect), stage);
}

/*
 * NOBLOCK-02 (WSPSendDisconnect, WSPRecvDisconnect: neither blocks, regardless of SO_LINGER): to
 * end half of a connection waits neither for the data that is unsent nor for an answer of the
 * peer's, nor for another thread, and calls nobody back.
 */
static void disconnect_never_waits(const struct case_row *row)
{
    bool beside = row->variant == BESIDE_A_RECEIVER;
    const char *what = about(
        "%s %s", row->function == SPI_WSPSendDisconnect ? "WSPSendDisconnect" : "WSPRecvDisconnect",
        beside ? "while another thread receives" : "with unsent data");
    struct client *t1 = client_start("T1");

    /* T1 ends half of a connection whose data cannot go out, or on which another thread waits. */
    struct blocked_call *call =
        expect_at_once(MUST("NOBLOCK-02"), what, t1,
                       beside ? make_disconnect_beside_a_receiver : make_disconnect, row);
    if (call == NULL) {
        return;
    }
    require_outcome(outcome_is_error(call_outcome(call), WSAEOPNOTSUPP) ? OFFERED
                                                                        : NEEDED("provider"),
                    about("%s (G5)", what), call_outcome(call), ONE_OF(RETURNS(0)));

    /* It was not called back. */
    expect_uncalled(MUST("NOBLOCK-02"), what, call);
}

CASE(nonblocking, disconnect_never_waits) = {
    .run = disconnect_never_waits,
    .function = FROM_ROW,
    .requirements = "NOBLOCK-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does =
        "disconnects one half of a connection with unsent data, or on which another thread waits",
    .must = "the call returns at once, without the blocking callback",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = halves,
};
