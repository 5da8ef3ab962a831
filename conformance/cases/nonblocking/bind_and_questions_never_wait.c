#include "harness/prompt.h"

#include "harness/names.h"

/* What the functions are called on: a socket of its own, or one on which another thread waits. */
enum situation { FRESH_STREAM, FRESH_DATAGRAM, UNSENT_DATA, A_PENDING_CONNECT, A_BLOCKED_CALL };

#define ROW(name_of, spi, on, version, address_family)                                             \
    {                                                                                              \
        .name = #name_of "_ipv" #version, .function = SPI_##spi, .family = (address_family),       \
        .variant = (on)                                                                            \
    }
#define ROW_BESIDE(call, spi, version, address_family)                                             \
    {                                                                                              \
        .name = "beside_" #call "_ipv" #version, .function = SPI_##spi,                            \
        .family = (address_family), .variant = A_BLOCKED_CALL, .proofs = PROOF_BLOCKED,            \
        .rests_on = "startup/starts callback/is_called_at_all"                                     \
    }

static const struct case_row situations[] = {
    ROW(fresh_stream, WSPBind, FRESH_STREAM, 4, AF_INET),
    ROW(fresh_datagram, WSPBind, FRESH_DATAGRAM, 4, AF_INET),
    ROW(unsent_data, WSPGetSockOpt, UNSENT_DATA, 4, AF_INET),
    ROW(pending_connect, WSPGetSockOpt, A_PENDING_CONNECT, 4, AF_INET),
    ROW_BESIDE(accept, WSPAccept, 4, AF_INET),
    ROW_BESIDE(recv, WSPRecv, 4, AF_INET),
    ROW_BESIDE(recvfrom, WSPRecvFrom, 4, AF_INET),
    ROW_BESIDE(send, WSPSend, 4, AF_INET),
    ROW(fresh_stream, WSPBind, FRESH_STREAM, 6, AF_INET6),
    ROW(pending_connect, WSPGetSockOpt, A_PENDING_CONNECT, 6, AF_INET6),
    ROW_BESIDE(recv, WSPRecv, 6, AF_INET6),
    {.name = NULL},
};

/* What the calls are made on; NULL: each on a fresh socket. */
static struct spi_socket *asked;

static struct spi_socket *socket_to_ask(const struct case_row *row)
{
    int type = row->variant == FRESH_DATAGRAM ? SOCK_DGRAM : SOCK_STREAM;

    if (asked != NULL) {
        return asked;
    }
    peers_choose(row->family, type);
    return provider_socket(row->family, type, "fresh socket");
}

static struct outcome bind_to_any_port(struct operation *operation)
{
    struct sockaddr_storage address = local_address(operation->entry->family);

    return spi_bind(operation->socket, (struct sockaddr *)&address, address_length(&address));
}

static struct outcome ask_error(struct operation *operation)
{
    int error = 0;
    int size = sizeof error;

    return spi_get_option(operation->socket, SOL_SOCKET, SO_ERROR, &error, &size);
}

static struct outcome ask_peer_name(struct operation *operation)
{
    struct sockaddr_storage address;

    return spi_get_peer_name(operation->socket, &address);
}

static struct operation make_bind(const struct case_row *row)
{
    return operation_made_by(SPI_WSPBind, socket_to_ask(row), bind_to_any_port);
}

static struct operation make_get_option(const struct case_row *row)
{
    return operation_made_by(SPI_WSPGetSockOpt, socket_to_ask(row), ask_error);
}

static struct operation make_get_peer_name(const struct case_row *row)
{
    return operation_made_by(SPI_WSPGetPeerName, socket_to_ask(row), ask_peer_name);
}

/* The socket to ask, and the call that is blocked on it, if any. */
static struct blocked_call *arrange_situation(const struct case_row *row)
{
    struct stage *stage;
    struct blocked_call *call;

    switch (row->variant) {
    case UNSENT_DATA:
        asked = arrange_unsent(row->family)->socket;
        return NULL;
    case A_PENDING_CONNECT:
        asked = arrange_pending_connect(row->family)->socket;
        return NULL;
    case A_BLOCKED_CALL:
        stage = arrange_blocked(row->function, row->family);
        call = start_call(client_start("T2"), &stage->operation, GOES_ON);
        prove_blocked(call, 1);
        asked = stage->socket;
        return call;
    default:
        asked = NULL;
        return NULL;
    }
}

/* Whether it succeeds is another matter: a bound socket cannot be bound anew, for instance. */
static bool expect_prompt(const char *what, struct client *client, call_maker make,
                          const struct case_row *row)
{
    struct blocked_call *call = expect_at_once(MUST("NOBLOCK-03"), what, client, make, row);

    return call != NULL && expect_uncalled(MUST("NOBLOCK-03"), what, call);
}

/*
 * NOBLOCK-03 (EINPROGRESS overview): a name, an option, an address to bind to: the provider knows
 * the answer, or knows that there is none. There is nothing that it could wait for, whatever state
 * the socket is in and whoever waits on it, and so nothing to call back for.
 */
static void bind_and_questions_never_wait(const struct case_row *row)
{
    /* A socket as the row has it. */
    struct client *t1 = client_start("T1");
    struct blocked_call *blocked = arrange_situation(row);

    /* T1 binds it, asks for an option, and for the name of its peer. */
    if (expect_prompt("WSPBind", t1, make_bind, row) &&
        expect_prompt("WSPGetSockOpt", t1, make_get_option, row)) {
        expect_prompt("WSPGetPeerName", t1, make_get_peer_name, row);
    }
    if (blocked != NULL) {
        release_call(blocked);
    }
}

CASE(nonblocking, bind_and_questions_never_wait) = {
    .run = bind_and_questions_never_wait,
    .function = FROM_ROW,
    .requirements = "NOBLOCK-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does = "binds a socket, asks for an option and for its peer's name, whatever it is busy with",
    .must = "each call returns at once, without the blocking callback",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = situations,
};
