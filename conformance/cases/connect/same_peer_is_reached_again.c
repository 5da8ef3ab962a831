#include "harness/case.h"

#include "harness/evidence.h"

#include <stdlib.h>

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

/* What is left of so many milliseconds since a moment. */
static DWORD left_of(DWORD milliseconds, int64_t since)
{
    int64_t gone = (evidence_now() - since) / 1000;

    return gone < (int64_t)milliseconds ? milliseconds - (DWORD)gone : 0;
}

/* One connect to the stage's listener, with a new socket; how it ended, as far as it did. */
static struct outcome try_again(struct client *t1, struct stage *stage, DWORD patience)
{
    struct operation *connect = malloc(sizeof *connect);
    static volatile LONG told;
    struct blocked_call *call;

    stage->socket = provider_socket(stage->family, SOCK_STREAM, "another socket");
    *connect = operation_connect(stage->socket, &stage->address);
    InterlockedExchange(&told, 0);
    call = start_call(t1, connect, CANCELS_WHEN_TOLD(&told));
    if (!wait_for_return(call, patience)) {
        InterlockedExchange(&told, 1);
        wait_for_return(call, settings.budgets.cancel);
        release_call(call);
    }
    if (call_returned(call) && call_outcome(call).failed) {
        spi_close(stage->socket);
    }
    return call_outcome(call);
}

/*
 * CONNECT-09 (WSPCancelBlockingCall: S14): to connect to the same peer again may be refused, or
 * take longer, while the cancelled connect still holds resources: that is the provider's affair,
 * and recorded. In the end, within the budget `late`, the peer is reached.
 */
static void same_peer_is_reached_again(const struct case_row *row)
{
    /* A socket, and a listener that answers no further connect. */
    struct stage *stage = arrange_stalled_connect(row->family);
    struct client *t1 = client_start("T1");
    DWORD patience = patience_of(row);
    int64_t began;
    struct outcome first;
    struct outcome last;
    char text[128];

    /* T1 blocks in WSPConnect; its callback cancels, and the socket is closed. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    if (!expect_closes(resting_on(MUST("PCS-02"), gate_of_close_after(SPI_WSPConnect)),
                       "WSPCloseSocket after a cancelled WSPConnect", stage->socket)) {
        return;
    }

    /* The listener has room again, and T1 connects to it with new sockets until it succeeds. */
    let_pending_connect_through(stage);
    began = evidence_now();
    first = last = try_again(t1, stage, patience);
    while (last.failed && left_of(patience, began) > 0) {
        struct peer *late = peer_accept(stage->peer, BETWEEN_TRIES_MS);
        if (late != NULL && stage->arrived < ARRAYSIZE(stage->arrivals)) {
            stage->arrivals[stage->arrived++] = late;
        }
        last = try_again(t1, stage, left_of(patience, began));
    }

    /* It does, at the first try or a later one. */
    record_choice("the first WSPConnect to the same peer after a cancelled one: %s",
                  outcome_text(text, sizeof text, first));
    if (expect_outcome(patience < settings.budgets.late ? NEEDED("provider") : MUST("CONNECT-09"),
                       "WSPConnect to the same peer, again and again after a cancelled one", last,
                       ONE_OF(RETURNS(0))) &&
        expect_pending_connect_arrived(MUST("CONNECT-09"), stage) != NULL) {
        prove(PROOF_COMPLETED, "WSPConnect returned 0 after %lld ms",
              (long long)(evidence_now() - began) / 1000);
    }
}

CASE(connect, same_peer_is_reached_again) = {
    .run = same_peer_is_reached_again,
    .function = SPI_WSPConnect,
    .requirements = "CONNECT-09",
    .level = LEVEL_MAY,
    .modes = WITH_CALLBACK,
    .does = "connects again to the peer to which a WSPConnect was cancelled",
    .must = "the peer is reached in the end, whatever the first tries say",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/connect_ipv4",
    .rows = waits,
};
