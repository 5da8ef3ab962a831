#include "harness/case.h"
#include "harness/names.h"

#include <stdlib.h>

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

#define ROWS(version, family)                                                                      \
    ROW(connect, WSPConnect, version, family), ROW(recv, WSPRecv, version, family),                \
        ROW(recvfrom, WSPRecvFrom, version, family), ROW(send, WSPSend, version, family)

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    ROW(accept, WSPAccept, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    {.name = NULL},
};

/* A provider may have streams only, or datagrams only, as its description says. */
static bool has_sockets_of(int family, int type)
{
    return !settings.claimed_absent[entry_for(family, type)];
}

/* What waits elsewhere while T1 cancels, and what lies idle. */
struct neighbours {
    struct connection idle; /* of T1, which has carried data before */
    struct stage *listener; /* idle */
    struct stage *stream;   /* T2 waits on it */
    struct stage *datagram; /* T3 waits on it */
    struct blocked_call *receive;
    struct blocked_call *receive_from;
};

static struct neighbours arrange_neighbours(int family)
{
    struct neighbours neighbours = {0};

    if (has_sockets_of(family, SOCK_STREAM)) {
        neighbours.idle = arrange_connection(family);
        neighbours.listener = arrange_blocked(SPI_WSPAccept, family);
        neighbours.stream = arrange_blocked(SPI_WSPRecv, family);
    }
    if (has_sockets_of(family, SOCK_DGRAM)) {
        neighbours.datagram = arrange_blocked(SPI_WSPRecvFrom, family);
    }
    return neighbours;
}

static struct blocked_call *start_blocked(struct stage *stage, const char *thread)
{
    struct blocked_call *call;

    if (stage == NULL) {
        return NULL;
    }
    call = start_call(client_start(thread), &stage->operation, GOES_ON);
    prove_blocked(call, 1);
    return call;
}

/* The connection carries data on T1, both ways. */
static bool expect_carries(struct demand demand, struct client *t1,
                           const struct connection *connection, const char *when)
{
    struct buffer *out = buffer_with_pattern("what T1 sends", STAGE_DATA_SIZE, 0);
    struct operation *send = malloc(sizeof *send);
    struct operation *receive = malloc(sizeof *receive);
    unsigned char arrived[STAGE_DATA_SIZE] = {0};
    size_t count;

    *send = operation_send(connection->local, out);
    if (!join_completed(start_call(t1, send, GOES_ON), demand, ONE_OF(RETURNS(0)))) {
        return false;
    }
    count = peer_receive(connection->peer, arrived, sizeof arrived);
    if (!expect_number(demand, about("bytes over another connection of T1, %s", when),
                       STAGE_DATA_SIZE, (int64_t)count) ||
        !expect_bytes(demand, about("what came over another connection of T1, %s", when),
                      out->bytes, arrived, sizeof arrived)) {
        return false;
    }
    peer_tries_to_send(connection->peer, arrived, 1);
    *receive = operation_receive(connection->local, 1);
    return join_completed(start_call(t1, receive, GOES_ON), demand, ONE_OF(RETURNS(0))) &&
           expect_number(demand, about("bytes that T1 received there, %s", when), 1,
                         operation_transferred(receive)) &&
           expect_bytes(demand, about("what T1 received there, %s", when), arrived,
                        receive->data->bytes, 1);
}

static void expect_accepts_one(struct stage *listener)
{
    struct peer *peer = connection_arrives(listener);
    struct spi_socket *accepted = expect_accepts(
        MUST("PCS-05"), "WSPAccept on another socket, after the cancel", listener->socket);

    if (accepted != NULL) {
        expect_echo(MUST("PCS-05"), "over a connection accepted after the cancel", accepted, peer);
    }
}

/* What waited while T1 cancelled is still waiting, and gets what comes to it. */
static void expect_gets_its_data(struct stage *stage, struct blocked_call *call)
{
    if (call != NULL && expect_that(MUST("PCS-05"), !call_returned(call),
                                    about("%s on another socket and thread, which nobody cancelled",
                                          spi_function_name(stage->function)),
                                    "still blocked", "it returned")) {
        expect_completes(MUST("PCS-05"), stage, call);
    }
}

/*
 * PCS-05 (WSPCancelBlockingCall: S17, derived): what a cancel does to a socket it does to that one
 * alone. The others of the thread and of the process carry data, accept and wait as before, also
 * once the damaged one is closed.
 */
static void spares_all_other_sockets(const struct case_row *row)
{
    /* A socket on which the call can only wait, and others beside it. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct neighbours others = arrange_neighbours(row->family);
    struct client *t1 = client_start("T1");
    bool has_stream = others.stream != NULL;
    if (has_stream && !expect_carries(NEEDED("provider"), t1, &others.idle, "before the cancel")) {
        return;
    }

    /* T2 and T3 wait on theirs; T1 blocks in its call, and its callback cancels. */
    others.receive = start_blocked(others.stream, "T2");
    others.receive_from = start_blocked(others.datagram, "T3");
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* T1's other connection goes on, and so it does when the damaged socket is closed. */
    if (has_stream && !expect_carries(MUST("PCS-05"), t1, &others.idle, "after the cancel")) {
        return;
    }
    if (!expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled call", stage->socket)) {
        return;
    }

    /* So do the sockets of the others. */
    if (has_stream && expect_carries(MUST("PCS-05"), t1, &others.idle, "after the close")) {
        expect_accepts_one(others.listener);
    }
    expect_gets_its_data(others.stream, others.receive);
    expect_gets_its_data(others.datagram, others.receive_from);
}

CASE(cancel, spares_all_other_sockets) = {
    .run = spares_all_other_sockets,
    .function = FROM_ROW,
    .requirements = "PCS-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call beside other sockets, idle ones and ones that are waited on",
    .must = "all of the others carry data, accept and wait as before",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
