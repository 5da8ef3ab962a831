#include "harness/case.h"

enum { PEERS = 3 };

enum { ASKING = 1 };

static const struct case_row listeners[] = {
    {.name = "ipv4", .function = SPI_WSPAccept, .family = AF_INET},
    {.name = "ipv6", .function = SPI_WSPAccept, .family = AF_INET6},
    {.name = "asking_ipv4", .function = SPI_WSPAccept, .family = AF_INET, .variant = ASKING},
    {.name = NULL},
};

static int CALLBACK condition(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
                              LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    (void)caller, (void)caller_data, (void)sqos, (void)gqos;
    (void)callee, (void)callee_data, (void)group, (void)data;
    return CF_ACCEPT;
}

static struct outcome accept_asking(struct operation *operation)
{
    return spi_accept_asking(operation->socket, condition, 0, &operation->accepted);
}

/* Each of them, as it sees the connection itself. */
static bool expect_connected(struct stage *stage)
{
    for (unsigned i = 0; i < stage->arrived; i++) {
        enum peer_end end = peer_end(stage->arrivals[i], 0);
        if (!expect_that(MUST("ACCEPT-13"), end == PEER_CONNECTED,
                         about("what peer %u of %u in the backlog sees after the cancel", i + 1,
                               (unsigned)PEERS),
                         peer_end_text(PEER_CONNECTED), "%s", peer_end_text(end))) {
            return false;
        }
    }
    return true;
}

/* What was never accepted may have been reset a moment later: only bytes that go both ways show
 * that it was not. */
static void expect_all_alive(struct stage *stage, struct spi_socket *first)
{
    for (unsigned i = 0; i < stage->arrived; i++) {
        struct spi_socket *accepted =
            i == 0 && first != NULL
                ? first
                : expect_accepts(MUST("ACCEPT-13"),
                                 "WSPAccept of a peer that waited during the cancel",
                                 stage->socket);
        if (accepted == NULL || !expect_arrival(MUST("ACCEPT-13"), accepted, i) ||
            !expect_echo(MUST("ACCEPT-13"), "with a peer that waited during the cancel", accepted,
                         stage->arrivals[i])) {
            return;
        }
    }
}

/*
 * ACCEPT-13 (WSPCancelBlockingCall: S15): the peers whose connections wait in the backlog notice
 * nothing when an accept is cancelled; none of them is reset, or closed, also where the accept
 * would have asked a condition function about them.
 */
static void waiting_peers_are_not_reset(const struct case_row *row)
{
    /* A listener with an empty backlog. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    if (row->variant == ASKING) {
        stage->operation.make = accept_asking;
    }

    /* T1 blocks in WSPAccept; its callback holds still before it cancels. */
    call = start_call(t1, &stage->operation, held_before(TRIES_TO_CANCEL));
    prove_held(call);

    /* Peers connect, and wait in the backlog when the callback goes on and cancels. */
    for (unsigned i = 0; i < PEERS; i++) {
        numbered_connection_arrives(stage);
    }
    let_go(call);
    if (!join_raced(call, true, MUST("ACCEPT-13"), ONE_OF(SUCCEEDS, FAILS_WITH(WSAEINTR)))) {
        return;
    }

    /* They are still connected, and bytes go both ways once they are accepted. */
    if (expect_connected(stage)) {
        expect_all_alive(stage, stage->operation.accepted);
    }
}

CASE(accept, waiting_peers_are_not_reset) = {
    .run = waiting_peers_are_not_reset,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-13",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPAccept while three peers wait in the backlog",
    .must = "no peer sees its connection end, and each is accepted and carries bytes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = listeners,
};
