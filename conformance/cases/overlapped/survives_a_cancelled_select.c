#include "harness/case.h"

#define ROW(how, completion, version, address_family)                                              \
    {                                                                                              \
        .name = "recv_by_" #how "_ipv" #version, .function = SPI_WSPSelect,                        \
        .family = (address_family), .variant = (completion)                                        \
    }

static const struct case_row receives[] = {
    ROW(event, BY_EVENT, 4, AF_INET),
    ROW(routine, BY_ROUTINE, 4, AF_INET),
    ROW(event, BY_EVENT, 6, AF_INET6),
    ROW(routine, BY_ROUTINE, 6, AF_INET6),
    {.name = NULL},
};

/* A WSPSelect for something to read on the socket of the stage. */
static struct operation *select_on(struct stage *stage)
{
    static struct operation select;

    select = operation_select(stage->socket->entry, NULL);
    operation_select_add(&select, 0, &stage->socket, 1);
    select.complete = stage->operation.complete;
    select.other_end = stage;
    return &select;
}

/*
 * OVL-02 (WSPCancelBlockingCall: S16): a cancelled WSPSelect does not affect the state of its
 * sockets in any way, and an overlapped WSPRecv that is pending on one of them is a part of that
 * state. A provider that cancels all that waits on the socket calls it off.
 */
static void survives_a_cancelled_select(const struct case_row *row)
{
    /* Two idle connections. On the first a WSPRecv is pending, and completes. */
    struct stage *control = arrange_blocked(SPI_WSPRecv, row->family);
    struct stage *stage = arrange_blocked(SPI_WSPRecv, row->family);
    struct client *t1 = client_start("T1");

    begin_pending(t1, control, (enum completion)row->variant);
    if (!expect_pending_completes(NEEDED("provider"), control, t1)) {
        return;
    }

    /* On the second it is pending, too; the same thread blocks in WSPSelect, and cancels. */
    begin_pending(t1, stage, (enum completion)row->variant);
    require_cancelled(start_call(t1, select_on(stage), CANCELS_AT(1)));

    /* The WSPRecv is still pending, and completes when the peer sends. */
    if (expect_that(MUST("OVL-02"), !overlapped_has_completed(stage->operation.overlapped),
                    "overlapped WSPRecv after a cancelled WSPSelect on its socket", "still pending",
                    "the client was told that it is complete")) {
        expect_pending_completes(MUST("OVL-02"), stage, t1);
    }
}

CASE(overlapped, survives_a_cancelled_select) = {
    .run = survives_a_cancelled_select,
    .function = SPI_WSPSelect,
    .requirements = "OVL-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPSelect on a socket on which an overlapped WSPRecv is pending",
    .must = "the WSPRecv stays pending, and completes when the peer sends",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = receives,
};
