#include "harness/case.h"

enum variant {
    ONE_BUFFER,
    MANY_BUFFERS,
    PEEK,
    TIMED,
    NOT_OVERLAPPED,
    DATAGRAM,
    ALL,
    EMPTY_FIRST,
    LATER = 16
};

enum { PIECES = 7, LONG_TIMEOUT_MS = 60000 };

/* Each variant is cancelled at the first blocking callback, and at the third. */
#define ROWS(situation, address_family, kind)                                                      \
    {.name = #situation, .family = (address_family), .variant = (kind)},                           \
    {                                                                                              \
        .name = #situation "_later", .family = (address_family), .variant = (kind) | LATER         \
    }

static const struct case_row variants[] = {
    ROWS(one_buffer_ipv4, AF_INET, ONE_BUFFER),
    ROWS(one_buffer_ipv6, AF_INET6, ONE_BUFFER),
    ROWS(many_buffers_ipv4, AF_INET, MANY_BUFFERS),
    ROWS(peek_ipv4, AF_INET, PEEK),
    ROWS(receive_timeout_ipv4, AF_INET, TIMED),
    ROWS(not_overlapped_ipv4, AF_INET, NOT_OVERLAPPED),
    ROWS(datagram_ipv4, AF_INET, DATAGRAM),
    ROWS(all_ipv4, AF_INET, ALL),
    ROWS(empty_first_ipv4, AF_INET, EMPTY_FIRST),
    {.name = NULL},
};

static struct stage *arrange_variant(enum variant variant, int family)
{
    struct stage *stage;

    provider_set_socket_flags(variant == NOT_OVERLAPPED ? 0 : WSA_FLAG_OVERLAPPED);
    stage = variant == DATAGRAM ? arrange_receive_of_a_datagram(family)
                                : arrange_blocked(SPI_WSPRecv, family);
    if (variant == MANY_BUFFERS) {
        stage->operation.pieces = PIECES;
    } else if (variant == EMPTY_FIRST) {
        stage->operation.empty_first = true;
    } else if (variant == PEEK) {
        stage->operation.flags = MSG_PEEK;
    } else if (variant == ALL) {
        stage->operation.flags = MSG_WAITALL;
    } else if (variant == TIMED) {
        require_timeout(stage, LONG_TIMEOUT_MS);
    }
    return stage;
}

/* A provider may lack a variant; then it refuses it at once. */
static void require_offered(struct blocked_call *call)
{
    bool lacks_it;
    char text[128];

    wait_for_callback(call, 1, settings.budgets.hook);
    lacks_it = call_returned(call) && outcome_is_error(call_outcome(call), WSAEOPNOTSUPP);
    require_that(lacks_it ? OFFERED : NEEDED("provider"),
                 call_callbacks(call) > 0 || !call_returned(call), "WSPRecv in this variant (G5)",
                 "a call that blocks", "%s", outcome_text(text, sizeof text, call_outcome(call)));
}

/*
 * RECV-01 (WSPCancelBlockingCall: S10): a cancelled WSPRecv fails with WSAEINTR, into however many
 * buffers and with whatever flag it receives, and whatever the socket was made for and is.
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A connection whose peer never sends, or a datagram socket to which nobody does. */
    struct stage *stage = arrange_variant(row->variant & ~LATER, row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPRecv; its callback cancels. */
    struct blocked_call *call =
        start_call(t1, &stage->operation, CANCELS_AT(row->variant & LATER ? 3 : 1));
    require_offered(call);

    /* The receive ends with WSAEINTR, not with its time-out and not as if the stream had ended. */
    join_cancelled(call, MUST("RECV-01"));
}

CASE(recv, ends_when_cancelled) = {
    .run = ends_when_cancelled,
    .function = SPI_WSPRecv,
    .requirements = "RECV-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPRecv at its first or its third blocking callback",
    .must = "WSPRecv fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
    .rows = variants,
};
