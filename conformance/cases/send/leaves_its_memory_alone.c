#include "harness/case.h"

enum { CHUNK = 64 << 10, A_MOMENT_MS = 20, RUN = 16 };

/* The variant is over how many WSABUFs the data is spread. */
static const struct case_row spreads[] = {
    {.name = "ipv4", .function = SPI_WSPSend, .family = AF_INET, .variant = 1},
    {.name = "ipv6", .function = SPI_WSPSend, .family = AF_INET6, .variant = 1},
    {.name = "gathered_ipv4", .function = SPI_WSPSend, .family = AF_INET, .variant = 4},
    {.name = "gathered_ipv6", .function = SPI_WSPSend, .family = AF_INET6, .variant = 4},
    {.name = NULL},
};

/* What has come to the peer. */
struct arrival {
    size_t bytes;
    size_t run; /* how many of the last ones in a row are the client's new ones */
    bool new_ones_came;
    enum peer_end end;
};

/* The numbered pattern, which was to be sent, has no such run. */
static void look_for_new_ones(struct arrival *arrival, const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        arrival->run = bytes[i] == BUFFER_POISON_ANEW ? arrival->run + 1 : 0;
        arrival->new_ones_came = arrival->new_ones_came || arrival->run >= RUN;
    }
    arrival->bytes += count;
}

/* The peer reads until nothing comes for so long, or the connection has ended. */
static void read_on(struct stage *stage, struct arrival *arrival, DWORD patience)
{
    static unsigned char bytes[CHUNK];
    size_t count = 1;

    while (arrival->end == PEER_CONNECTED && count > 0 && !arrival->new_ones_came) {
        count = peer_receive_some(stage->peer, bytes, sizeof bytes, patience, &arrival->end);
        look_for_new_ones(arrival, bytes, count);
    }
}

/*
 * SEND-03 (WSPCancelBlockingCall: S10, derived): once a cancelled WSPSend has returned it is over,
 * and its buffer is the client's again. What the client then writes there it did not send: not when
 * there is room again, and not when the socket is closed.
 */
static void leaves_its_memory_alone(const struct case_row *row)
{
    /* A full connection, and another one beside it. */
    struct stage *stage = arrange_blocked(SPI_WSPSend, row->family);
    struct stage *beside = arrange_blocked(SPI_WSPRecv, row->family);
    struct client *t1 = client_start("T1");
    struct arrival arrival = {.end = PEER_CONNECTED};
    stage->operation.pieces = (unsigned)row->variant;

    /* T1 blocks in WSPSend; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The client uses the memory for something else; then the peer reads, and others send beside
     * it; in the end the socket is closed, and the peer reads the rest. */
    operation_poison_anew(&stage->operation);
    read_on(stage, &arrival, A_MOMENT_MS);
    messages_pass_beside(beside, t1, &stage->operation);
    read_on(stage, &arrival, A_MOMENT_MS);
    expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPSend", stage->socket);
    read_on(stage, &arrival, settings.budgets.data);

    /* Nothing of what the client wrote there has come, nor has anybody else written there. */
    expect_holds(MUST("SEND-03"), !arrival.new_ones_came,
                 "what came to the peer of a cancelled WSPSend", "nothing that was not sent",
                 "bytes that the client wrote to the buffer after WSPSend had returned, from byte "
                 "%zu on at the latest",
                 arrival.bytes);
    expect_memory_untouched(MUST("SEND-03"), &stage->operation);
}

CASE(send, leaves_its_memory_alone) = {
    .run = leaves_its_memory_alone,
    .function = SPI_WSPSend,
    .requirements = "SEND-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPSend, fills its memory anew, and lets the peer read",
    .must = "none of the new bytes comes to the peer",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/send_ipv4",
    .rows = spreads,
};
