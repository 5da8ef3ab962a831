#include "harness/case.h"
#include "harness/names.h"

/*
 * CONNECT-13 (WSPCancelBlockingCall: S17, S18): after a cancelled WSPConnect nobody can rely on the
 * name that the socket was bound to. But a question about it gets an answer or an error, whichever,
 * and the socket can be closed.
 */
static void bound_name_is_answered(const struct case_row *row)
{
    /* A socket with a name of its own, and a listener that answers no further connect. */
    struct stage *stage = arrange_stalled_connect(row->family);
    struct sockaddr_storage name = local_address(row->family);
    struct client *t1 = client_start("T1");
    struct outcome answer;
    char text[128];

    require_outcome(NEEDED("provider"), "WSPBind to the loopback address",
                    spi_bind(stage->socket, (const struct sockaddr *)&name, address_length(&name)),
                    ONE_OF(RETURNS(0)));

    /* T1 blocks in WSPConnect; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* The socket's name is asked for; every answer will do. */
    answer = spi_get_sock_name(stage->socket, &name);
    expect_outcome(SHOULD("CONNECT-13"), "WSPGetSockName after a cancelled WSPConnect", answer,
                   ONE_OF(RETURNS(0), FAILS));
    record_choice("WSPGetSockName after a cancelled WSPConnect: %s",
                  outcome_text(text, sizeof text, answer));

    /* The socket closes. */
    expect_closes(SHOULD("CONNECT-13"),
                  "WSPCloseSocket after a cancelled WSPConnect of a bound socket", stage->socket);
}

CASE(connect, bound_name_is_answered) = {
    .run = bound_name_is_answered,
    .function = SPI_WSPConnect,
    .requirements = "CONNECT-13",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels a stalled WSPConnect on a bound socket, asks for its name, and closes it",
    .must = "WSPGetSockName returns 0 or an error, and WSPCloseSocket returns 0",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/connect_ipv4",
    .rows = BOTH_FAMILIES(WSPConnect),
};
