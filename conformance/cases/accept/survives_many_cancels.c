#include "harness/case.h"

#include "harness/evidence.h"

enum { ROUNDS = 100, CLIENTS = 5 };

/* As many of five clients as the backlog takes; each sends its number. */
static unsigned clients_arrive(struct stage *stage)
{
    unsigned first = stage->arrived;

    for (unsigned i = 0; i < CLIENTS; i++) {
        struct peer *client = peer_start_connecting(&stage->address);
        unsigned char number = (unsigned char)stage->arrived;
        if (client == NULL || !peer_is_connected(client, settings.budgets.cancel)) {
            break;
        }
        peer_send(client, &number, 1);
        stage->arrivals[stage->arrived++] = client;
    }
    return stage->arrived - first;
}

static bool expect_all_accepted(struct demand demand, struct stage *stage, unsigned first)
{
    for (unsigned number = first; number < stage->arrived; number++) {
        struct spi_socket *accepted = expect_accepts(demand, "WSPAccept", stage->socket);
        if (accepted == NULL || !expect_arrival(demand, accepted, number)) {
            return false;
        }
    }
    return true;
}

/* One more accept blocks, as it did before the cancels, and is cancelled. */
static bool expect_cancelled(struct client *t1, struct stage *stage, struct operation *accept)
{
    struct blocked_call *call;

    *accept = operation_again(&stage->operation);
    call = start_call(t1, accept, CANCELS_AT(1));
    if (!wait_for_callback(call, 1, settings.budgets.hook) && call_returned(call)) {
        return expect_outcome(MUST("ACCEPT-08"), "WSPAccept with an empty backlog, after a cancel",
                              call_outcome(call), ONE_OF(FAILS_WITH(WSAEINTR)));
    }
    return join_cancelled(call, MUST("ACCEPT-08"));
}

/* The callback of a provider may be slow to come; then there are fewer rounds. */
static bool expect_rounds(struct client *t1, struct stage *stage)
{
    static struct operation accepts[ROUNDS];
    int64_t enough = evidence_now() + (int64_t)settings.budgets.whole * 1000 / 3;
    unsigned round = 0;

    while (round < ROUNDS && evidence_now() < enough) {
        if (!expect_cancelled(t1, stage, &accepts[round++])) {
            return false;
        }
    }
    evidence_note("rounds", "%u accepts were cancelled", round);
    return true;
}

/*
 * ACCEPT-08 (WSPCancelBlockingCall: S16): however often accepts on a listener are cancelled, it
 * goes on: as many clients as before find room in its backlog, they are accepted in their order,
 * and the next accept blocks and can be cancelled again.
 */
static void survives_many_cancels(const struct case_row *row)
{
    /* A listener whose backlog takes up to five clients and gives them in order. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    static struct operation last;
    unsigned room = clients_arrive(stage);

    require_that(NEEDED("provider"), room > 0 && expect_all_accepted(NEEDED("provider"), stage, 0),
                 "five clients of the listener, before any cancel",
                 "some get into its backlog, and are accepted in order", "%u in the backlog", room);

    /* T1 blocks in WSPAccept a hundred times; each time its callback cancels. */
    if (!expect_rounds(t1, stage)) {
        return;
    }

    /* The clients come again, no fewer of them, and are accepted in order. */
    expect_at_least(MUST("ACCEPT-08"), "how many clients the backlog takes after the cancels", room,
                    clients_arrive(stage));
    if (!expect_all_accepted(MUST("ACCEPT-08"), stage, room)) {
        return;
    }

    /* With the backlog empty, accept blocks once more, and is cancelled once more. */
    expect_cancelled(t1, stage, &last);
}

CASE(accept, survives_many_cancels) = {
    .run = survives_many_cancels,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-08",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a hundred accepts on one listener, then lets five clients connect",
    .must = "the backlog takes them as before, and they are accepted in their order",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
