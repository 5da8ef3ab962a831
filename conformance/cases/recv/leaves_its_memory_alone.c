#include "harness/case.h"

#include "harness/evidence.h"

#include <stdio.h>
#include <stdlib.h>

enum { MESSAGE_SIZE = 64, MESSAGES_BESIDE = 12 };

static bool is_untouched(const struct operation *receive)
{
    return buffer_changed_late(receive->data) < 0 && buffer_changed_late(receive->results) < 0;
}

/*
 * What was sent before these messages has had the time to arrive, and whoever waits for it in
 * secret has had the time to be woken.
 */
static void messages_pass_beside(const struct connection *beside, struct client *t1,
                                 const struct operation *cancelled)
{
    const struct buffer *message = buffer_with_pattern("a message beside", MESSAGE_SIZE, 0);

    for (int i = 0; i < MESSAGES_BESIDE && is_untouched(cancelled); i++) {
        struct operation *receive = malloc(sizeof *receive);
        struct blocked_call *call;
        *receive = operation_receive(beside->local, MESSAGE_SIZE);
        call = start_call(t1, receive, GOES_ON);
        peer_send(beside->peer, message->bytes, message->size);
        if (!join_completed(call, NEEDED("provider"), ONE_OF(RETURNS(0)))) {
            return;
        }
    }
}

static void expect_untouched(const struct buffer *buffer)
{
    ptrdiff_t changed = buffer_changed_late(buffer);
    char what[96];

    snprintf(what, sizeof what, "%s of the cancelled WSPRecv, when its data came after all",
             buffer->name);
    expect_that(MUST("RECV-02"), changed < 0, what, "as the client had left it",
                "changed at byte %td", changed);
}

/*
 * RECV-02 (WSPCancelBlockingCall: S10, derived): once a cancelled WSPRecv has returned it is over,
 * and its memory is the client's again: what the peer sends then is not written there.
 */
static void leaves_its_memory_alone(const struct case_row *row)
{
    /* A connection whose peer has not sent yet, and another one beside it. */
    struct stage *stage = arrange_blocked(SPI_WSPRecv, row->family);
    struct connection beside = arrange_connection(row->family);
    const struct buffer *late = buffer_with_pattern("what comes late", MESSAGE_SIZE, 0);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPRecv; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The client uses the memory for something else; then the data comes, if there still is a
     * connection (S17), and other data beside it; in the end the socket is closed. */
    buffer_poison_anew(stage->operation.data);
    buffer_poison_anew(stage->operation.results);
    evidence_note("step", "the peer %s",
                  peer_tries_to_send(stage->peer, late->bytes, late->size)
                      ? "sends what the cancelled WSPRecv waited for"
                      : "sees that the connection has ended with the cancelled WSPRecv");
    messages_pass_beside(&beside, t1, &stage->operation);
    expect_closes(MUST("PCS-02"), "WSPCloseSocket after a cancelled WSPRecv", stage->socket);

    /* The memory is as the client left it. */
    expect_untouched(stage->operation.data);
    expect_untouched(stage->operation.results);
}

CASE(recv, leaves_its_memory_alone) = {
    .run = leaves_its_memory_alone,
    .function = SPI_WSPRecv,
    .requirements = "RECV-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPRecv, fills its memory anew, and lets the peer send",
    .must = "neither the buffer nor lpNumberOfBytesRecvd is written to any more",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = BOTH_FAMILIES(WSPRecv),
};
