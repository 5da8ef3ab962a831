#include "harness/case.h"

/* The call of the stage blocks on its socket, as it would have before, and completes. */
static bool expect_call_works(struct client *t1, struct stage *stage)
{
    struct blocked_call *call = start_call(t1, &stage->operation, GOES_ON);

    wait_for_callback(call, 1, settings.budgets.hook);
    stage_complete(stage);
    return join_completed(call, MUST("SELECT-02"), ONE_OF(SUCCEEDS));
}

static bool expect_data(const struct stage *stage)
{
    const struct buffer *data = stage->operation.data;
    const struct buffer *wanted = buffer_with_pattern("what the peer sends", data->size, 0);
    DWORD received = operation_transferred(&stage->operation);

    return expect_number(MUST("SELECT-02"), "how many bytes came after the cancelled select",
                         (int64_t)wanted->size, received) &&
           expect_bytes(MUST("SELECT-02"), "the bytes that came after the cancelled select",
                        wanted->bytes, data->bytes, wanted->size);
}

static bool expect_datagram_goes(const struct stage *stage)
{
    struct buffer *datagram = buffer_with_pattern("a datagram", 100, 0);
    struct sockaddr_storage to = peer_address(stage->peer);
    WSABUF buffer = {.len = (u_long)datagram->size, .buf = (char *)datagram->bytes};
    unsigned char arrived[100];
    DWORD sent = 0;

    return expect_outcome(MUST("SELECT-02"), "WSPSendTo after the cancelled select",
                          spi_send_to(stage->socket, &buffer, 1, &sent, 0, (struct sockaddr *)&to,
                                      address_length(&to)),
                          ONE_OF(RETURNS(0))) &&
           expect_number(MUST("SELECT-02"), "how many bytes of it came to the peer", sizeof arrived,
                         (int64_t)peer_receive(stage->peer, arrived, sizeof arrived));
}

/* A provider without them, as its description says, still has the other sockets. */
static bool has_datagrams(int family)
{
    return !settings.claimed_absent[entry_for(family, SOCK_DGRAM)];
}

/*
 * SELECT-02 (WSPCancelBlockingCall: S15, S16): a cancelled select does no harm to the sockets in
 * its sets: on each of them calls block and complete as before, the stream carries bytes, the
 * listener gives a connection, datagrams come and go.
 */
static void sockets_still_work(const struct case_row *row)
{
    /* A stream socket, a listener and a datagram socket, all of them idle. */
    struct stage *stream = arrange_blocked(SPI_WSPRecv, row->family);
    struct stage *listener = arrange_blocked(SPI_WSPAccept, row->family);
    struct stage *datagram =
        has_datagrams(row->family) ? arrange_blocked(SPI_WSPRecvFrom, row->family) : NULL;
    struct spi_socket *idle[] = {stream->socket, listener->socket,
                                 datagram != NULL ? datagram->socket : NULL};
    struct client *t1 = client_start("T1");
    static struct operation select;

    select = operation_select(stream->socket->entry, NULL);
    operation_select_add(&select, 0, idle, datagram != NULL ? 3 : 2);
    select.complete = stream->operation.complete;
    select.other_end = stream;

    /* T1 blocks in WSPSelect with all of them; its callback cancels. */
    require_cancelled(start_call(t1, &select, CANCELS_AT(1)));

    /* The stream does what it could do before. */
    if (!expect_call_works(t1, stream) || !expect_data(stream) ||
        !expect_echo(MUST("SELECT-02"), "over the stream after the cancelled select",
                     stream->socket, stream->peer)) {
        return;
    }

    /* So do the listener and the datagram socket. */
    if (expect_call_works(t1, listener) &&
        expect_echo(MUST("SELECT-02"), "over the connection accepted after the cancel",
                    listener->operation.accepted, listener->arrivals[0]) &&
        datagram != NULL && expect_call_works(t1, datagram) && expect_data(datagram)) {
        expect_datagram_goes(datagram);
    }
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
