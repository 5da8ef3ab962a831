#include "harness/case.h"

static void expect_listener_works(struct stage *stage)
{
    struct spi_socket *accepted;

    connection_arrives(stage);
    accepted =
        expect_accepts(MUST("SELECT-02"), "WSPAccept after the cancelled select", stage->socket);
    if (accepted != NULL) {
        expect_echo(MUST("SELECT-02"), "over the connection accepted after the cancel", accepted,
                    stage->arrivals[0]);
    }
}

static void expect_datagrams_work(struct client *t1, struct stage *stage)
{
    struct buffer *wanted = buffer_with_pattern("a datagram", stage->operation.data->size, 0);
    struct sockaddr_storage to = peer_address(stage->peer);
    WSABUF datagram = {.len = (u_long)wanted->size, .buf = (char *)wanted->bytes};
    unsigned char arrived[256] = {0};
    struct blocked_call *receive;
    DWORD sent = 0;

    stage_complete(stage);
    receive = start_call(t1, &stage->operation, GOES_ON);
    if (join_completed(receive, MUST("SELECT-02"), ONE_OF(RETURNS(0)))) {
        expect_number(MUST("SELECT-02"), "how many bytes WSPRecvFrom gave after the cancel",
                      (int64_t)wanted->size, operation_transferred(&stage->operation));
        expect_bytes(MUST("SELECT-02"), "the datagram received after the cancel", wanted->bytes,
                     stage->operation.data->bytes, wanted->size);
    }
    expect_outcome(MUST("SELECT-02"), "WSPSendTo after the cancelled select",
                   spi_send_to(stage->socket, &datagram, 1, &sent, 0, (struct sockaddr *)&to,
                               address_length(&to)),
                   ONE_OF(RETURNS(0)));
    expect_number(MUST("SELECT-02"), "how many bytes of that datagram came to the peer",
                  (int64_t)wanted->size, (int64_t)peer_receive(stage->peer, arrived, wanted->size));
}

/*
 * SELECT-02 (WSPCancelBlockingCall: S15, S16): a cancelled select does no harm to the sockets in
 * its sets: the stream carries bytes, the listener gives a connection, datagrams come and go.
 */
static void sockets_still_work(const struct case_row *row)
{
    /* A stream socket, a listener and a datagram socket, all of them idle. */
    struct stage *stream = arrange_blocked(SPI_WSPSelect, row->family);
    struct stage *listener = arrange_blocked(SPI_WSPAccept, row->family);
    struct stage *datagram = arrange_blocked(SPI_WSPRecvFrom, row->family);
    struct spi_socket *idle[] = {stream->socket, listener->socket, datagram->socket};
    struct client *t1 = client_start("T1");
    static struct operation select;

    select = operation_select(stream->socket->entry, NULL);
    operation_select_add(&select, 0, idle, ARRAYSIZE(idle));
    select.complete = stream->operation.complete;
    select.other_end = stream;

    /* T1 blocks in WSPSelect with all of them; its callback cancels. */
    require_cancelled(start_call(t1, &select, CANCELS_AT(1)));

    /* Each of them does what it could do before. */
    expect_echo(MUST("SELECT-02"), "over the stream after the cancelled select", stream->socket,
                stream->peer);
    expect_listener_works(listener);
    expect_datagrams_work(t1, datagram);
}

CASE(select, sockets_still_work) = {
    .run = sockets_still_work,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect that waits for a stream, a listener and a datagram socket",
    .must = "the stream sends and receives, the listener accepts, datagrams come and go",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = BOTH_FAMILIES(WSPSelect),
};
