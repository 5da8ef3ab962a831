#include "harness/case.h"

#include "harness/names.h"

#include <stdlib.h>

/* The function of a row is what receives next on the socket of the cancelled WSPRecvFrom, and the
 * variant into how many buffers that was to receive, where there are several. */
static const struct case_row next_calls[] = {
    {.name = "then_recvfrom_ipv4", .function = SPI_WSPRecvFrom, .family = AF_INET},
    {.name = "then_recvfrom_ipv6", .function = SPI_WSPRecvFrom, .family = AF_INET6},
    {.name = "then_recv_ipv4", .function = SPI_WSPRecv, .family = AF_INET},
    {.name = "then_recv_ipv6", .function = SPI_WSPRecv, .family = AF_INET6},
    {.name = "many_buffers_ipv4", .function = SPI_WSPRecvFrom, .family = AF_INET, .variant = 7},
    {.name = NULL},
};

/* A WSPRecv has no memory of its own for the sender's address; a WSPRecvFrom brings new memory. */
static struct operation next_receive(const struct stage *stage, enum spi_function function)
{
    return function == SPI_WSPRecv ? operation_receive(stage->socket, STAGE_DATA_SIZE)
                                   : operation_again(&stage->operation);
}

/* What the socket can still do is open (S17): it gives the datagram, or the call fails. */
static void receive_again(struct client *t1, struct stage *stage, enum spi_function function)
{
    struct operation *next = malloc(sizeof *next);
    struct blocked_call *call;
    const char *what = about("%s after a cancelled WSPRecvFrom", spi_function_name(function));

    *next = next_receive(stage, function);
    call = start_call(t1, next, GOES_ON);
    if (!wait_for_return(call, settings.budgets.data)) {
        rescue(call);
        expect_that(NEEDED("provider"), false, what, "it returns", "no return within %lu ms",
                    settings.budgets.data);
    } else if (call_outcome(call).failed) {
        record_choice("%s fails", what);
    }
}

/*
 * RECVFROM-03 (WSPCancelBlockingCall: S10, derived): once a cancelled WSPRecvFrom has returned it
 * is over, and its memory is the client's again: neither the datagram that comes then nor the
 * address of its sender is written there.
 */
static void leaves_its_memory_alone(const struct case_row *row)
{
    /* A socket to which nobody has sent yet, and another one beside it. */
    struct stage *stage = arrange_blocked(SPI_WSPRecvFrom, row->family);
    struct stage *beside = arrange_blocked(SPI_WSPRecvFrom, row->family);
    struct client *t1 = client_start("T1");

    stage->operation.pieces = (unsigned)row->variant;

    /* T1 blocks in WSPRecvFrom; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The client uses the memory for something else; then a datagram comes and is received with
     * other memory, and others come beside it; in the end the socket is closed. */
    operation_poison_anew(&stage->operation);
    stage_complete(stage);
    receive_again(t1, stage, row->function);
    messages_pass_beside(beside, t1, &stage->operation);
    expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPRecvFrom", stage->socket);

    /* The memory is as the client left it. */
    expect_memory_untouched(MUST("RECVFROM-03"), &stage->operation);
}

CASE(recvfrom, leaves_its_memory_alone) = {
    .run = leaves_its_memory_alone,
    .function = SPI_WSPRecvFrom,
    .requirements = "RECVFROM-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPRecvFrom, fills its memory anew, and lets a datagram come",
    .must = "neither the buffer nor lpFrom, lpFromlen or lpNumberOfBytesRecvd is written any more",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/recvfrom_ipv4",
    .rows = next_calls,
};
