#include "harness/case.h"
#include "harness/names.h"
#include "harness/world.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

/* A connect that is cancelled has no peer yet; what becomes of one that comes through all the same
 * is for connect/late_connection_is_ended. */
#define ROWS(version, family)                                                                      \
    ROW(recv, WSPRecv, version, family), ROW(send, WSPSend, version, family),                      \
        ROW(select, WSPSelect, version, family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/*
 * PCS-06 (WSPCloseSocket): closing a socket ends its connection, and so it does after a cancelled
 * call. In which way is open (S17); but a provider that still holds the connection, for a call
 * that it has not really given up, leaves the peer waiting.
 */
static void peer_sees_the_end(const struct case_row *row)
{
    /* A connection on which the call can only wait, and a peer that sees how connections end. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    const char *name = spi_function_name(row->function);
    enum peer_end end;
    stream_control(row->family);

    /* T1 blocks in the call; its callback cancels, and the socket is closed. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    if (!expect_closes(NEEDED("provider"), about("WSPCloseSocket after a cancelled %s", name),
                       stage->socket)) {
        return;
    }

    /* The peer, which reads what there is before the end, sees the end. */
    end = peer_end(stage->peer, settings.budgets.data);
    expect_that(MUST("PCS-06"), end != PEER_CONNECTED,
                about("what the peer sees after a cancelled %s and WSPCloseSocket", name),
                "a graceful end or a reset", "%s", peer_end_text(end));
}

CASE(close, peer_sees_the_end) = {
    .run = peer_sees_the_end,
    .function = SPI_WSPCloseSocket,
    .requirements = "PCS-06",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "closes the socket of a connection after a blocked call on it was cancelled",
    .must = "its peer sees the end of the stream, or a reset",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
