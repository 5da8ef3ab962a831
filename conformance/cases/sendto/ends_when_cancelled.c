#include "harness/case.h"

/* The variant is the callback that cancels. */
static const struct case_row callbacks[] = {
    {.name = "stream_ipv4", .family = AF_INET, .variant = 1},
    {.name = "stream_ipv4_later", .family = AF_INET, .variant = 3},
    {.name = "stream_ipv6", .family = AF_INET6, .variant = 1},
    {.name = "stream_ipv6_later", .family = AF_INET6, .variant = 3},
    {.name = NULL},
};

/* To the peer; on a connected socket the address is ignored. */
static struct outcome send_to_the_peer(struct operation *operation)
{
    WSABUF buffer = {.len = (u_long)operation->data->size, .buf = (char *)operation->data->bytes};
    DWORD sent = 0;

    return spi_send_to(operation->socket, &buffer, 1, &sent, operation->flags,
                       (const struct sockaddr *)&operation->address, operation->address_length);
}

/*
 * SENDTO-01 (WSPCancelBlockingCall: S10; K4): a cancelled WSPSendTo fails with WSAEINTR. It can
 * wait where it does what WSPSend does: on a full connection.
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A connection that is full, as its peer does not read, and much more to send. */
    struct stage *stage = arrange_blocked(SPI_WSPSend, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    stage->operation.function = SPI_WSPSendTo;
    stage->operation.make = send_to_the_peer;
    stage->operation.address = peer_address(stage->peer);
    stage->operation.address_length = address_length(&stage->operation.address);

    /* T1 blocks in WSPSendTo; its callback cancels. */
    call = start_call(t1, &stage->operation, CANCELS_AT((unsigned)row->variant));
    prove_blocked(call, 1);

    /* It ends with WSAEINTR, and the socket can be closed. */
    if (join_cancelled(call, MUST("SENDTO-01"))) {
        expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPSendTo", stage->socket);
    }
}

CASE(sendto, ends_when_cancelled) = {
    .run = ends_when_cancelled,
    .function = SPI_WSPSendTo,
    .requirements = "SENDTO-01 PCS-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does =
        "cancels a WSPSendTo that waits for its peer to read at its first or its third blocking "
        "callback",
    .must = "WSPSendTo fails with WSAEINTR, and the socket can be closed",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/send_ipv4",
    .rows = callbacks,
};
