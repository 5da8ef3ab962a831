#include "harness/case.h"
#include "harness/drain.h"
#include "harness/names.h"

/* The function of the other thread's call is the variant. */
#define ROW(row_name, call, spi, beside)                                                           \
    {                                                                                              \
        .name = (row_name), .function = SPI_##spi, .family = AF_INET, .variant = SPI_##beside,     \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {ROW("recv_ipv4", recv, WSPRecv, WSPRecv),
                                        ROW("recvfrom_ipv4", recvfrom, WSPRecvFrom, WSPRecvFrom),
                                        ROW("recv_beside_send_ipv4", recv, WSPRecv, WSPSend),
                                        {.name = NULL}};

/* The same call on the socket, or a WSPRecv on that of a WSPSend. */
static struct stage *arrange_beside(const struct case_row *row, const struct stage *other)
{
    return row->variant == (intptr_t)row->function
               ? arrange_again(other)
               : stage_of_connection(other->socket, other->peer);
}

/* Tries to let the call complete, as far as the connection still carries anything. */
static void try_to_complete(const struct stage *stage)
{
    const struct buffer *data = buffer_with_pattern("what the peer sends", STAGE_DATA_SIZE, 0);

    if (stage->function == SPI_WSPSend) {
        drain_begin(stage->peer);
    } else if (stage->function == SPI_WSPRecvFrom) {
        peer_send_to(stage->peer, &stage->address, data->bytes, data->size);
    } else {
        peer_tries_to_send(stage->peer, data->bytes, data->size);
    }
}

/*
 * THR-03 (WSPCancelBlockingCall: S7, S17): where two threads receive on one socket, or one receives
 * and the other sends, a cancel is for the call of its thread; but it may leave the socket in an
 * indeterminate state, and the other call with it. What becomes of that one is the provider's
 * choice.
 */
static void cancel_beside_a_shared_receive(const struct case_row *row)
{
    /* A socket on which the calls of two threads can only wait. */
    struct stage *other = arrange_blocked((enum spi_function)row->variant, row->family);
    struct stage *stage = arrange_beside(row, other);
    const char *name = spi_function_name(other->function);
    struct blocked_call *t2;
    const char *waits = "";
    char text[96];

    other->operation.complete = NULL;

    /* T2 blocks on it, then T1; T1's callback cancels, and T1's call ends. */
    t2 = start_call(client_start("T2"), &other->operation, GOES_ON);
    prove_blocked(t2, 1);
    require_failed_by_cancel(start_call(client_start("T1"), &stage->operation, CANCELS_AT(1)));

    /* T2's call waits or not, and ends or not when its peer lets it. */
    if (wait_for_callback(t2, call_callbacks(t2) + 2, settings.budgets.hook)) {
        waits = "waits, until its peer lets it complete; then ";
        try_to_complete(other);
    }
    if (!wait_for_return(t2, settings.budgets.data)) {
        rescue(t2);
        record_choice("%s of another thread on the socket waits, and does not end when its peer "
                      "lets it",
                      name);
        return;
    }
    record_choice("%s of another thread on the socket %sends: %s", name, waits,
                  outcome_text(text, sizeof text, call_outcome(t2)));
}

CASE(thread, cancel_beside_a_shared_receive) = {
    .run = cancel_beside_a_shared_receive,
    .function = FROM_ROW,
    .requirements = "THR-03",
    .level = LEVEL_INFO,
    .modes = WITH_CALLBACK,
    .does = "blocks two threads on one socket, and cancels on the one that receives",
    .must = "its call ends; what becomes of the other one is recorded",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
