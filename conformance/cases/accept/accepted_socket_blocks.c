#include "harness/case.h"
#include "harness/names.h"

/* When the connection comes: after the cancelled call, or in its callback. */
enum { LATER, IN_THE_CALLBACK };

#define ROW(call, spi, when, moment, version, address_family)                                      \
    {                                                                                              \
        .name = "after_" #call when "_ipv" #version, .function = SPI_##spi,                        \
        .family = (address_family), .variant = (moment),                                           \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4",                                 \
        .proofs = (moment) == LATER ? PROOF_CANCELLED : 0                                          \
    }
#define ROWS(version, family)                                                                      \
    ROW(accept, WSPAccept, "", LATER, version, family),                                            \
        ROW(accept, WSPAccept, "_meanwhile", IN_THE_CALLBACK, version, family),                    \
        ROW(select, WSPSelect, "", LATER, version, family),                                        \
        ROW(select, WSPSelect, "_meanwhile", IN_THE_CALLBACK, version, family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/* WSPAccept on the listener, or WSPSelect for it to become readable. */
static struct operation *call_on(struct stage *listener, enum spi_function function)
{
    static struct operation select;

    if (function == SPI_WSPAccept) {
        return &listener->operation;
    }
    select = operation_select(listener->socket->entry, NULL);
    operation_select_add(&select, 0, &listener->socket, 1);
    select.complete = listener->operation.complete;
    select.other_end = listener;
    return &select;
}

/* Whether the next accept gives the connection, which came in the callback or later. */
static struct demand of_the_accept(const struct case_row *row)
{
    if (row->variant == IN_THE_CALLBACK) {
        return MUST("RACE-06");
    }
    return row->function == SPI_WSPAccept ? MUST("ACCEPT-02") : MUST("SELECT-02");
}

/* A connection comes in the callback that has cancelled: the call may still succeed. */
static bool expect_raced(struct blocked_call *call, struct stage *listener)
{
    prove_held(call);
    connection_arrives(listener);
    let_go(call);
    return join_raced(call, false, MUST("RACE-02"), ONE_OF(SUCCEEDS, FAILS_WITH(WSAEINTR)));
}

/*
 * STICKY-01 (WSPCancelBlockingCall: S7, S15, S22; WSPAccept): a cancelled accept, or a
 * cancelled select, does not affect the listener in any way, and so not the sockets that it gives
 * either. The next one is like any other: blocking, as the listener is, so that a receive on it
 * waits for the peer. A provider that looks after its listener in non-blocking mode hands that on.
 */
static void accepted_socket_blocks(const struct case_row *row)
{
    /* A listener with an empty backlog. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct operation *operation = call_on(stage, row->function);
    struct client *t1 = client_start("T1");
    bool meanwhile = row->variant == IN_THE_CALLBACK;
    struct spi_socket *accepted;
    struct blocked_call *call;

    /* T1 blocks; its callback cancels. A peer connects, then or later. */
    call = start_call(t1, operation, meanwhile ? held_after(CANCELS_AT(1)) : CANCELS_AT(1));
    if (!meanwhile) {
        require_cancelled(call);
        connection_arrives(stage);
    } else if (!expect_raced(call, stage)) {
        return;
    }

    /* The next accept gives the connection, if this one has not. */
    accepted = operation->accepted;
    if (accepted == NULL) {
        accepted = expect_accepts(of_the_accept(row),
                                  about("WSPAccept after a cancelled %s, with a connection waiting",
                                        spi_function_name(row->function)),
                                  stage->socket);
    }

    /* A receive on it waits until the peer sends. */
    if (accepted != NULL &&
        expect_waits_for_peer(MUST("STICKY-01"),
                              about("WSPRecv on a socket that was accepted after a cancelled %s",
                                    spi_function_name(row->function)),
                              t1, accepted, stage->arrivals[0])) {
        prove(PROOF_COMPLETED, "the receive waited, and got what the peer sent");
    }
}

CASE(accept, accepted_socket_blocks) = {
    .run = accepted_socket_blocks,
    .function = FROM_ROW,
    .requirements = "STICKY-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "accepts a connection after a WSPAccept or WSPSelect on the listener was cancelled, "
            "and receives on it",
    .must = "the receive waits until the peer sends, and gives what it sent",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_COMPLETED,
    .rows = calls,
};
