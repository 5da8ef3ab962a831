#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

static const struct case_row calls[] = {
    ROW(recv, WSPRecv, 4, AF_INET),     ROW(recv, WSPRecv, 6, AF_INET6),
    ROW(send, WSPSend, 4, AF_INET),     ROW(send, WSPSend, 6, AF_INET6),
    ROW(select, WSPSelect, 4, AF_INET), {.name = NULL},
};

/*
 * LINGER-01 (WSPCancelBlockingCall: S20; K11): after a cancelled call the client can reset the
 * connection, by a linger time of zero and WSPCloseSocket. A provider that takes the option has to
 * keep it; one that does not (S18) should have reset the connection all the same.
 */
static void resets_after_a_cancel(const struct case_row *row)
{
    /* A connection on which the call can only wait, and whose peer can tell a reset from a graceful
     * end. */
    struct linger zero = {.l_onoff = 1, .l_linger = 0};
    const char *name = spi_function_name(row->function);
    struct client *t1 = client_start("T1");
    struct outcome option;
    struct stage *stage;
    enum peer_end end;
    peer_control(row->family);
    stage = arrange_blocked(row->function, row->family);

    /* T1 blocks in the call; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The client asks for a reset, and closes. */
    option = spi_set_option(stage->socket, SOL_SOCKET, SO_LINGER, &zero, sizeof zero);
    if (!expect_closes(MUST("PCS-02"), about("WSPCloseSocket after a cancelled %s", name),
                       stage->socket)) {
        return;
    }

    /* The peer sees one. */
    end = peer_end(stage->peer, settings.budgets.data);
    expect_that(option.failed ? SHOULD("LINGER-01") : MUST("LINGER-01"), end == PEER_RESET,
                about("what the peer sees after a cancelled %s, a linger time of zero%s, and "
                      "WSPCloseSocket",
                      name, option.failed ? " that was refused" : ""),
                peer_end_text(PEER_RESET), "%s", peer_end_text(end));
}

CASE(linger, resets_after_a_cancel) = {
    .run = resets_after_a_cancel,
    .function = SPI_WSPCloseSocket,
    .requirements = "LINGER-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call, sets a linger time of zero, and closes",
    .must = "the peer sees a reset of the connection",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
