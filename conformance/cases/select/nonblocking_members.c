#include "harness/case.h"

/*
 * SELECT-08 (WSPCancelBlockingCall: S16): it is the call that blocks, not the sockets. A select
 * that waits for a blocking and a non-blocking socket blocks, and can be cancelled.
 */
static void nonblocking_members(const struct case_row *row)
{
    /* Two streams on which nothing was sent; the first is non-blocking. */
    struct stage *nonblocking = arrange_blocked(SPI_WSPSelect, row->family);
    struct stage *stage = arrange_blocked(SPI_WSPSelect, row->family);
    struct spi_socket *both[] = {nonblocking->socket, stage->socket};
    struct client *t1 = client_start("T1");
    static struct operation select;

    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1",
                    spi_set_nonblocking(nonblocking->socket, true), ONE_OF(RETURNS(0)));
    select = operation_select(stage->socket->entry, NULL);
    operation_select_add(&select, 0, both, ARRAYSIZE(both));
    select.complete = stage->operation.complete;
    select.other_end = stage;

    /* T1 blocks in WSPSelect with both of them; its callback cancels. */
    struct blocked_call *call = start_call(t1, &select, CANCELS_AT(1));

    /* It fails with WSAEINTR. */
    join_cancelled(call, MUST("SELECT-08"));
}

CASE(select, nonblocking_members) = {
    .run = nonblocking_members,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-08",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSelect over a blocking and a non-blocking socket",
    .must = "it fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/select_ipv4",
    .rows = BOTH_FAMILIES(WSPSelect),
};
