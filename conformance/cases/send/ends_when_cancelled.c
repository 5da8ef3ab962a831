#include "harness/case.h"

enum variant { PLAIN, MANY_BUFFERS, TIMED, NOT_OVERLAPPED, LATER = 8 };

enum { PIECES = 7, A_MINUTE_MS = 60000 };

/* Each is cancelled at the first blocking callback, and at the third. */
#define ROWS(situation, address_family, kind)                                                      \
    {.name = #situation, .family = (address_family), .variant = (kind)},                           \
    {                                                                                              \
        .name = #situation "_later", .family = (address_family), .variant = (kind) | LATER         \
    }

static const struct case_row variants[] = {
    ROWS(ipv4, AF_INET, PLAIN),
    ROWS(ipv6, AF_INET6, PLAIN),
    ROWS(many_buffers_ipv4, AF_INET, MANY_BUFFERS),
    ROWS(send_timeout_ipv4, AF_INET, TIMED),
    ROWS(not_overlapped_ipv4, AF_INET, NOT_OVERLAPPED),
    {.name = NULL},
};

static struct stage *arrange_variant(enum variant variant, int family)
{
    struct stage *stage;

    provider_set_socket_flags(variant == NOT_OVERLAPPED ? 0 : WSA_FLAG_OVERLAPPED);
    stage = arrange_blocked(SPI_WSPSend, family);
    if (variant == MANY_BUFFERS) {
        stage->operation.pieces = PIECES;
    } else if (variant == TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }
    return stage;
}

/*
 * SEND-01 (WSPCancelBlockingCall: S10; K4): a cancelled WSPSend fails with WSAEINTR. The page on
 * WSPSend does not list that error; that each cancelled call ends with it leaves no exception, out
 * of however many buffers it sends, and whatever timeout it has.
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A connection that is full, as its peer does not read, and much more to send. */
    struct stage *stage = arrange_variant((enum variant)(row->variant & ~LATER), row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPSend; its callback cancels. */
    struct blocked_call *call =
        start_call(t1, &stage->operation, CANCELS_AT(row->variant & LATER ? 3 : 1));

    /* The send ends with WSAEINTR, not with what little it may have sent, nor with its time-out. */
    join_cancelled(call, MUST("SEND-01"));
}

CASE(send, ends_when_cancelled) = {
    .run = ends_when_cancelled,
    .function = SPI_WSPSend,
    .requirements = "SEND-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPSend that waits for its peer to read at its first or its third blocking "
            "callback",
    .must = "WSPSend fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/send_ipv4",
    .rows = variants,
};
