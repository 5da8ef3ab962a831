#include "harness/case.h"

/* Which of the sets the sockets are in, by its place among them; or both of these; or how long. */
enum { READS = 0, EXCEPTIONS = 2, BOTH, READS_FOR_A_MINUTE, A_MINUTE_S = 60 };

static const struct case_row sets[] = {
    {.name = "ipv4", .family = AF_INET, .variant = READS},
    {.name = "ipv6", .family = AF_INET6, .variant = READS},
    {.name = "exceptions_ipv4", .family = AF_INET, .variant = EXCEPTIONS},
    {.name = "exceptions_ipv6", .family = AF_INET6, .variant = EXCEPTIONS},
    {.name = "two_sets_ipv4", .family = AF_INET, .variant = BOTH},
    {.name = "timed_ipv4", .family = AF_INET, .variant = READS_FOR_A_MINUTE},
    {.name = NULL},
};

/* The call of the stage blocks on its socket, as it would have before, and completes. */
static bool expect_call_works(struct client *t1, struct stage *stage)
{
    struct blocked_call *call = start_call(t1, &stage->operation, GOES_ON);

    wait_for_callback(call, 1, settings.budgets.hook);
    return expect_completes(MUST("SELECT-02"), stage, call);
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

static struct operation select_on(struct stage *stream, struct spi_socket *const *idle,
                                  unsigned count, intptr_t which)
{
    bool timed = which == READS_FOR_A_MINUTE;
    struct operation select =
        operation_select(stream->socket->entry, timed ? read_only_timeval(A_MINUTE_S, 0) : NULL);

    if (which != EXCEPTIONS) {
        operation_select_add(&select, READS, idle, count);
    }
    if (which != READS && !timed) {
        operation_select_add(&select, EXCEPTIONS, idle, count);
    }
    select.complete = stream->operation.complete;
    select.other_end = stream;
    return select;
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

    select = select_on(stream, idle, datagram != NULL ? 3 : 2, row->variant);

    /* T1 blocks in WSPSelect with all of them in the sets of the row; its callback cancels. */
    require_cancelled(start_call(t1, &select, CANCELS_AT(1)));

    /* The stream does what it could do before. */
    if (!expect_call_works(t1, stream) ||
        !expect_echo(MUST("SELECT-02"), "over the stream after the cancelled select",
                     stream->socket, stream->peer)) {
        return;
    }

    /* So do the listener and the datagram socket. */
    if (expect_call_works(t1, listener) && datagram != NULL && expect_call_works(t1, datagram)) {
        expect_datagram_goes(datagram);
    }
}

CASE(select, sockets_still_work) = {
    .run = sockets_still_work,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect that waits on a stream, a listener and a datagram socket",
    .must = "the stream sends and receives, the listener accepts, datagrams come and go",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = sets,
};
