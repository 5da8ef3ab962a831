#include "harness/case.h"

#include "harness/evidence.h"

enum { BETWEEN_TRIES_MS = 100 };

static const struct case_row waits[] = {
    {.name = "ipv4", .family = AF_INET},
    {.name = "ipv6", .family = AF_INET6},
    {.name = "ipv4_at_last", .family = AF_INET, .modes = MODE_DIRECT, .group = GROUP_ENDURANCE},
    {.name = "ipv6_at_last", .family = AF_INET6, .modes = MODE_DIRECT, .group = GROUP_ENDURANCE},
    {.name = NULL},
};

/* In the default group only what is seen soon; elsewhere all the time that the provider has. */
static DWORD patience_of(const struct case_row *row)
{
    DWORD soon = settings.budgets.data < settings.budgets.late ? settings.budgets.data
                                                               : settings.budgets.late;

    return row->group == GROUP_ENDURANCE ? settings.budgets.late : soon;
}

static struct outcome bind_to(struct spi_socket *socket, const struct sockaddr_storage *name)
{
    return spi_bind(socket, (const struct sockaddr *)name, address_length(name));
}

/* Takes what comes to the listener: with the connect, or in vain. */
static void accept_what_comes(struct stage *stage, DWORD milliseconds)
{
    struct peer *end = peer_accept(stage->peer, milliseconds);

    if (end != NULL && stage->arrived < ARRAYSIZE(stage->arrivals)) {
        stage->arrivals[stage->arrived++] = end;
    }
}

/* A connection that came through after all was ended in order, and leaves the port in TIME_WAIT. */
static bool transport_may_keep_it(struct stage *stage)
{
    for (unsigned i = 0; i < stage->arrived; i++) {
        if (peer_end(stage->arrivals[i], 0) == PEER_GRACEFUL_END) {
            return true;
        }
    }
    return false;
}

/*
 * CONNECT-07 (WSPCancelBlockingCall: S13): a cancelled connect may hold its local port until the
 * transport is done with it, which here it can be at once. Then, within the budget `late`, another
 * socket can be bound to it.
 */
static void local_port_is_free_again(const struct case_row *row)
{
    /* A socket with a name of its own, and a listener that answers no further connect. */
    struct stage *stage = arrange_stalled_connect(row->family);
    struct sockaddr_storage name = local_address(row->family);
    struct client *t1 = client_start("T1");
    DWORD patience = patience_of(row);
    struct spi_socket *next;
    struct outcome outcome;
    int64_t deadline;

    require_outcome(NEEDED("provider"), "WSPBind to the loopback address",
                    bind_to(stage->socket, &name), ONE_OF(RETURNS(0)));
    name = socket_address(stage->socket);

    /* T1 blocks in WSPConnect; its callback cancels, and the socket is closed. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    if (!expect_closes(resting_on(MUST("PCS-02"), gate_of_close_after(SPI_WSPConnect)),
                       "WSPCloseSocket after a cancelled WSPConnect", stage->socket)) {
        return;
    }

    /* The listener has room, so that the transport comes to its end; another socket is bound. */
    let_pending_connect_through(stage);
    next = provider_socket(row->family, SOCK_STREAM, "the next socket");
    deadline = evidence_now() + (int64_t)patience * 1000;
    while (outcome = bind_to(next, &name),
           outcome_is_error(outcome, WSAEADDRINUSE) && evidence_now() < deadline) {
        accept_what_comes(stage, BETWEEN_TRIES_MS);
    }

    /* In the end it has the name. */
    if (expect_outcome(transport_may_keep_it(stage)       ? NEEDED("environment")
                       : patience < settings.budgets.late ? NEEDED("provider")
                                                          : MUST("CONNECT-07"),
                       "WSPBind, again and again, to the name of a socket whose WSPConnect was "
                       "cancelled and which is closed",
                       outcome, ONE_OF(RETURNS(0)))) {
        prove(PROOF_COMPLETED, "another socket was bound to it");
    }
}

CASE(connect, local_port_is_free_again) = {
    .run = local_port_is_free_again,
    .function = SPI_WSPConnect,
    .requirements = "CONNECT-07",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a stalled WSPConnect on a bound socket, closes it, and binds another to its "
            "name",
    .must = "in the end WSPBind returns 0",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/connect_ipv4",
    .rows = waits,
};
