#include "harness/case.h"

static void expect_the_datagram(const struct operation *receive, const struct buffer *sent,
                                const struct peer *from)
{
    if (expect_number(MUST("RECVFROM-02"), "how many bytes WSPRecvFrom gave after a cancelled one",
                      (int64_t)sent->size, operation_transferred(receive))) {
        expect_bytes(MUST("RECVFROM-02"), "what WSPRecvFrom gave after a cancelled one",
                     sent->bytes, receive->data->bytes, sent->size);
    }
    expect_sender(MUST("RECVFROM-02"), "the sender that WSPRecvFrom named after a cancelled one",
                  receive, from);
}

/*
 * RECVFROM-02 (WSPCancelBlockingCall: S17, S18): after a cancelled receive the socket may fail, or
 * go on. But a datagram that it gives then is the one that was sent, whole, and the sender that is
 * named with it is the one who sent it, not one of whom the socket has heard before.
 */
static void names_the_right_sender(const struct case_row *row)
{
    /* A socket that has had a datagram from one peer, and another peer. */
    struct stage *stage = arrange_blocked(SPI_WSPRecvFrom, row->family);
    struct stage *earlier = arrange_again(stage);
    struct stage *later = arrange_again(stage);
    struct peer *other = peer_datagram(row->family);
    struct buffer *sent = buffer_with_pattern("what the other peer sends", STAGE_DATA_SIZE, 300);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    if (!expect_completes(NEEDED("provider"), earlier,
                          start_call(t1, &earlier->operation, GOES_ON))) {
        return;
    }

    /* T1 blocks in WSPRecvFrom; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The other peer sends, and T1 receives again. */
    peer_send_to(other, &stage->address, sent->bytes, sent->size);
    call = start_call(t1, &later->operation, GOES_ON);
    if (!wait_for_return(call, settings.budgets.data)) {
        rescue(call);
        expect_that(NEEDED("provider"), false, "WSPRecvFrom after a cancelled one", "it returns",
                    "no return within %lu ms", settings.budgets.data);
        return;
    }

    /* If that gives a datagram, it is this one. */
    if (call_outcome(call).failed) {
        record_choice("WSPRecvFrom fails on a datagram socket whose WSPRecvFrom was cancelled");
    } else {
        expect_the_datagram(&later->operation, sent, other);
    }
}

CASE(recvfrom, names_the_right_sender) = {
    .run = names_the_right_sender,
    .function = SPI_WSPRecvFrom,
    .requirements = "RECVFROM-02",
    .level = LEVEL_MAY,
    .modes = WITH_CALLBACK,
    .does = "receives datagrams of two peers, and cancels a blocked WSPRecvFrom in between",
    .must = "the socket fails, or gives the second datagram whole and with its own sender",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/recvfrom_ipv4",
    .rows = BOTH_FAMILIES(WSPRecvFrom),
};
