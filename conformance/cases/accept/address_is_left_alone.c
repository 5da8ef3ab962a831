#include "harness/case.h"

#include <string.h>

/*
 * ACCEPT-06 (WSPAccept, inferred): the address of the connection is a result, and a cancelled
 * accept has none. It leaves the caller's address and its length as they were.
 */
static void address_is_left_alone(const struct case_row *row)
{
    /* A listener with an empty backlog, and room for an address that holds a pattern. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    const struct buffer *address = stage->operation.from;
    struct buffer *before = buffer_new("the address before the call", address->size);

    memcpy(before->bytes, address->bytes, address->size);

    /* T1 blocks in WSPAccept; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The pattern is there, and the length is that of the room. */
    expect_bytes(SHOULD("ACCEPT-06"), "addr after a cancelled WSPAccept", before->bytes,
                 address->bytes, address->size);
    expect_number(SHOULD("ACCEPT-06"), "addrlen after a cancelled WSPAccept",
                  (int64_t)address->size, operation_from_length(&stage->operation));
}

CASE(accept, address_is_left_alone) = {
    .run = address_is_left_alone,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-06",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPAccept that was given room for the peer's address",
    .must = "the address and its length are as they were",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = BOTH_FAMILIES(WSPAccept),
};
