#include "harness/case.h"

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

static void accept_all(struct stage *stage, DWORD milliseconds)
{
    struct peer *end;

    while (stage->arrived < ARRAYSIZE(stage->arrivals) &&
           (end = peer_accept(stage->peer, milliseconds)) != NULL) {
        stage->arrivals[stage->arrived++] = end;
        milliseconds = 0;
    }
}

/*
 * Makes room at the listener, and sees what comes. The transport's next try has no event of its
 * own: but a connect of the peer's, which began after the cancelled one, tries after it.
 */
static unsigned connections_after(struct stage *stage, DWORD patience)
{
    struct peer *later = peer_start_connecting(&stage->address);
    unsigned before;

    let_pending_connect_through(stage);
    before = stage->arrived;
    require_holds(
        NEEDED("environment"), later != NULL && peer_is_connected(later, settings.budgets.data),
        "a connect of the peer's, which began after the cancelled one",
        "it comes through when there is room", "it does not within %lu ms", settings.budgets.data);
    peer_close(later);
    accept_all(stage, settings.budgets.data);
    if (stage->arrived == before + 1) {
        accept_all(stage, patience);
    }
    return stage->arrived > before ? stage->arrived - before - 1 : 0;
}

/*
 * CONNECT-06, CONNECT-05 (WSPCancelBlockingCall: S13): the transport may go on with a cancelled
 * connect, whose socket has been closed, and even make the connection. Then it is reset: it does
 * not live on for a client that knows nothing of it.
 */
static void late_connection_is_ended(const struct case_row *row)
{
    /* A socket, and a listener that answers no further connect. */
    struct stage *stage = arrange_stalled_connect(row->family);
    struct client *t1 = client_start("T1");
    DWORD patience = patience_of(row);
    unsigned late;

    /* T1 blocks in WSPConnect; its callback cancels, and the socket is closed. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    if (!expect_closes(resting_on(MUST("PCS-02"), gate_of_close_after(SPI_WSPConnect)),
                       "WSPCloseSocket after a cancelled WSPConnect", stage->socket)) {
        return;
    }

    /* The listener makes room, so that the transport could still connect. */
    late = connections_after(stage, row->group == GROUP_ENDURANCE ? patience : 0);
    record_choice("after a cancelled WSPConnect and WSPCloseSocket %s",
                  late > 0 ? "the transport still connects" : "no connection is made");

    /* All connections that it has got end: those that filled it, that of the peer, and others. */
    for (unsigned i = 0; i < stage->arrived; i++) {
        if (!expect_ended_for_peer(MUST("CONNECT-06"),
                                   "what the listener sees of a connection that came after the "
                                   "cancel",
                                   stage->arrivals[i], patience)) {
            return;
        }
    }
}

CASE(connect, late_connection_is_ended) = {
    .run = late_connection_is_ended,
    .function = SPI_WSPConnect,
    .requirements = "CONNECT-06 CONNECT-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes room at the listener after a stalled WSPConnect was cancelled and closed",
    .must = "no connection comes of it, or one that is ended at once",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .awaits_syn = true,
    .rests_on = "cancel/ends_the_blocked_call/connect_ipv4",
    .rows = waits,
};
