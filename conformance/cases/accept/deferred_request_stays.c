#include "harness/case.h"

/* Which call is cancelled: a select with the listener in a set, or an accept on another one. */
enum { SELECT_ON_IT, ACCEPT_ON_ANOTHER };

#define ROW(beside, which, spi, call, version, address_family)                                     \
    {                                                                                              \
        .name = beside "_ipv" #version, .function = SPI_##spi, .family = (address_family),         \
        .variant = (which), .rests_on = "cancel/ends_the_blocked_call/" call "_ipv4"               \
    }

static const struct case_row calls[] = {
    ROW("select_for_exceptions", SELECT_ON_IT, WSPSelect, "select", 4, AF_INET),
    ROW("accept_on_another", ACCEPT_ON_ANOTHER, WSPAccept, "accept", 4, AF_INET),
    ROW("select_for_exceptions", SELECT_ON_IT, WSPSelect, "select", 6, AF_INET6),
    ROW("accept_on_another", ACCEPT_ON_ANOTHER, WSPAccept, "accept", 6, AF_INET6),
    {.name = NULL},
};

static int CALLBACK defer(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
                          LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    (void)caller, (void)caller_data, (void)sqos, (void)gqos;
    (void)callee, (void)callee_data, (void)group, (void)data;
    return CF_DEFER;
}

static struct outcome accept_deferring(struct operation *operation)
{
    return spi_accept_asking(operation->socket, defer, 0, &operation->accepted);
}

/* A peer has connected, and the client has put its request off. */
static void arrange_deferred(struct stage *stage, struct client *t1)
{
    static struct operation deferring;

    numbered_connection_arrives(stage);
    deferring = operation_again(&stage->operation);
    deferring.make = accept_deferring;
    if (!join_completed(start_call(t1, &deferring, GOES_ON), NEEDED("provider"),
                        ONE_OF(FAILS_WITH(WSATRY_AGAIN)))) {
        stop_case(NEEDED("provider"), "a request that was put off with CF_DEFER (G5)", "one",
                  "none");
    }
}

/* A call that can only wait, although a request is queued on the listener. */
static struct operation waiting_call(const struct case_row *row, struct stage *stage)
{
    struct operation select;

    if (row->variant == ACCEPT_ON_ANOTHER) {
        return arrange_blocked(SPI_WSPAccept, row->family)->operation;
    }
    select = operation_select(stage->socket->entry, NULL);
    operation_select_add(&select, 2, &stage->socket, 1);
    return select;
}

/*
 * ACCEPT-07 (WSPAccept, on CF_DEFER; WSPCancelBlockingCall: S16): a request that the condition
 * function has put off is to be decided on later. A cancel of another call decides nothing: the
 * request stays queued, and the next accept gives its connection.
 */
static void deferred_request_stays(const struct case_row *row)
{
    /* A listener with a request that was put off. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    static struct operation waiting;
    struct spi_socket *accepted;

    arrange_deferred(stage, t1);

    /* T1 blocks in a call that the request does not concern; its callback cancels. */
    waiting = waiting_call(row, stage);
    require_cancelled(start_call(t1, &waiting, CANCELS_AT(1)));

    /* The request is still there. */
    accepted = expect_accepts(MUST("ACCEPT-07"),
                              "WSPAccept of a request that was put off before a "
                              "cancel",
                              stage->socket);
    if (accepted != NULL && expect_arrival(MUST("ACCEPT-07"), accepted, 0)) {
        prove(PROOF_COMPLETED, "WSPAccept gave the connection that was put off");
    }
}

CASE(accept, deferred_request_stays) = {
    .run = deferred_request_stays,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-07",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "puts a request off with CF_DEFER, cancels another call, and accepts",
    .must = "WSPAccept gives the connection of the request",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
