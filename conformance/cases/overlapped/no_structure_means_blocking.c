#include "harness/case.h"

/* What was on the socket before. */
enum { NOTHING, COMPLETED_RECV, PENDING_SEND };

#define ROWS(version, address_family)                                                              \
    {.name = "fresh_ipv" #version, .family = (address_family), .variant = NOTHING},                \
        {.name = "after_overlapped_recv_ipv" #version,                                             \
         .family = (address_family),                                                               \
         .variant = COMPLETED_RECV},                                                               \
    {                                                                                              \
        .name = "beside_overlapped_send_ipv" #version, .family = (address_family),                 \
        .variant = PENDING_SEND                                                                    \
    }

static const struct case_row histories[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/* A connection with that history, and on it a WSPRecv without an OVERLAPPED or a routine. */
static struct stage *arrange_history(const struct case_row *row, struct client *t1)
{
    struct stage *stage;

    provider_set_socket_flags(WSA_FLAG_OVERLAPPED);
    if (row->variant == PENDING_SEND) {
        stage = arrange_blocked(SPI_WSPSend, row->family);
        begin_pending(t1, stage, BY_EVENT);
        return stage_of_connection(stage->socket, stage->peer);
    }
    stage = arrange_blocked(SPI_WSPRecv, row->family);
    if (row->variant == COMPLETED_RECV) {
        begin_pending(t1, stage, BY_EVENT);
        if (!expect_pending_completes(NEEDED("provider"), stage, t1)) {
            stop_case(NEEDED("provider"), "overlapped WSPRecv", "it completes", "it does not");
        }
    }
    return arrange_again(stage);
}

/*
 * OVL-03 (WSPRecv): if there is neither an OVERLAPPED nor a completion routine, the socket is
 * treated as a non-overlapped one, with whatever flag it was made. So the call waits, calls back,
 * and can be cancelled; it does not return with WSA_IO_PENDING, of which nobody could be told more.
 */
static void no_structure_means_blocking(const struct case_row *row)
{
    /* A socket for overlapped operations, and perhaps one of them on it. */
    struct client *t1 = client_start("T1");
    struct stage *stage = arrange_history(row, t1);
    char text[128];

    /* T1 makes a WSPRecv that is none; its callback cancels. */
    struct blocked_call *call = start_call(t1, &stage->operation, CANCELS_AT(1));

    /* It waits, and is called back. */
    wait_for_callback(call, 1, settings.budgets.hook);
    if (call_callbacks(call) == 0 && call_returned(call)) {
        stop_case(MUST("OVL-03"), "WSPRecv without an OVERLAPPED on an overlapped socket",
                  "a call that blocks", outcome_text(text, sizeof text, call_outcome(call)));
    }
    expect_at_least(MUST("OVL-03"), "blocking callbacks of a WSPRecv without an OVERLAPPED", 1,
                    call_callbacks(call));

    /* It ends with WSAEINTR. */
    join_cancelled(call, MUST("OVL-03"));
}

CASE(overlapped, no_structure_means_blocking) = {
    .run = no_structure_means_blocking,
    .function = SPI_WSPRecv,
    .requirements = "OVL-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPRecv without an OVERLAPPED on a socket made for overlapped operations",
    .must = "it blocks, calls back, and fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = histories,
};
