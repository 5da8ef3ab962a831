#include "harness/case.h"

#include <string.h>

#define ROW(version, address_family)                                                               \
    {.name = "ipv" #version, .function = SPI_WSPAccept, .family = (address_family)},

static const struct case_row families[] = {ROW(4, AF_INET) ROW(6, AF_INET6){.name = NULL}};

static int is_listening(struct spi_socket *listener)
{
    int listening = -1;
    int size = sizeof listening;

    expect_outcome(MUST("ACCEPT-02"), "WSPGetSockOpt SO_ACCEPTCONN after the cancelled accept",
                   spi_get_option(listener, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size),
                   ONE_OF(RETURNS(0)));
    return listening;
}

/*
 * ACCEPT-02 (WSPCancelBlockingCall: S15, S16): a cancelled accept leaves its listener as it was:
 * it listens, has its name, and the next connection comes through and carries data.
 */
static void listener_still_listens(const struct case_row *row)
{
    /* A listener with an empty backlog, and what can be told of it. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct sockaddr_storage name = {0};
    struct spi_socket *accepted;

    /* T1 blocks in WSPAccept; its callback cancels. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* What can be told of the listener is what could be told before. */
    expect_number(MUST("ACCEPT-02"), "SO_ACCEPTCONN after the cancelled accept", 1,
                  is_listening(stage->socket));
    expect_outcome(MUST("ACCEPT-02"), "WSPGetSockName after the cancelled accept",
                   spi_get_sock_name(stage->socket, &name), ONE_OF(RETURNS(0)));
    expect_bytes(MUST("ACCEPT-02"), "the listener's name after the cancelled accept",
                 &stage->address, &name, (size_t)address_length(&stage->address));

    /* A peer connects, the next accept gets it, and bytes go both ways. */
    connection_arrives(stage);
    accepted = expect_accepts(MUST("ACCEPT-02"), "WSPAccept after a cancelled one", stage->socket);
    if (accepted != NULL) {
        expect_echo(MUST("ACCEPT-02"), "over the connection accepted after the cancel", accepted,
                    stage->arrivals[0]);
    }
}

CASE(accept, listener_still_listens) = {
    .run = listener_still_listens,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPAccept, then lets a peer connect",
    .must = "the listener listens under its name, and the next accept gets the connection",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = families,
};
