#include "harness/case.h"

enum variant { PLAIN, MANY_BUFFERS, PEEK, TIMED, NOT_OVERLAPPED, STREAM, OF_NOBODY, LATER = 16 };

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
    ROWS(peek_ipv4, AF_INET, PEEK),
    ROWS(receive_timeout_ipv4, AF_INET, TIMED),
    ROWS(not_overlapped_ipv4, AF_INET, NOT_OVERLAPPED),
    ROWS(stream_ipv4, AF_INET, STREAM),
    ROWS(no_address_ipv4, AF_INET, OF_NOBODY),
    {.name = NULL},
};

static struct stage *arrange_variant(enum variant variant, int family)
{
    struct stage *stage;

    provider_set_socket_flags(variant == NOT_OVERLAPPED ? 0 : WSA_FLAG_OVERLAPPED);
    stage = variant == STREAM ? arrange_receive_from_a_stream(family)
                              : arrange_blocked(SPI_WSPRecvFrom, family);
    if (variant == MANY_BUFFERS) {
        stage->operation.pieces = PIECES;
    } else if (variant == PEEK) {
        stage->operation.flags = MSG_PEEK;
    } else if (variant == OF_NOBODY) {
        stage->operation.from = NULL;
    } else if (variant == TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }
    return stage;
}

/*
 * RECVFROM-01 (WSPCancelBlockingCall: S10): a cancelled WSPRecvFrom fails with WSAEINTR,
 * into however many buffers and with whatever flag it receives, whatever timeout it has, and
 * whether or not it is to name the sender.
 */
static void ends_when_cancelled(const struct case_row *row)
{
    /* A bound datagram socket to which nobody sends, or a connection whose peer does not. */
    struct stage *stage = arrange_variant((enum variant)(row->variant & ~LATER), row->family);
    struct client *t1 = client_start("T1");

    /* T1 blocks in WSPRecvFrom; its callback cancels. */
    struct blocked_call *call =
        start_call(t1, &stage->operation, CANCELS_AT(row->variant & LATER ? 3 : 1));

    /* The receive ends with WSAEINTR. */
    join_cancelled(call, MUST("RECVFROM-01"));
}

CASE(recvfrom, ends_when_cancelled) = {
    .run = ends_when_cancelled,
    .function = SPI_WSPRecvFrom,
    .requirements = "RECVFROM-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a WSPRecvFrom that waits for a datagram at its first or its third blocking "
            "callback",
    .must = "WSPRecvFrom fails with WSAEINTR",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/recvfrom_ipv4",
    .rows = variants,
};
