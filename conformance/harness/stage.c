#include "harness/stage.h"

#include "harness/drain.h"
#include "harness/evidence.h"
#include "harness/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STALL_BACKLOG = 1,
    STALL_FILLERS = STALL_BACKLOG + 3,
    BIG_SEND = 4 << 20,
    FILL_CHUNK = 64 << 10,
    FILL_LIMIT = 64 << 20,
    SMALL_BUFFER = 64 << 10,
    ACKNOWLEDGED_MS = 60,
    FILLS = 10
};

static struct spi_socket *bound_socket(int family, int type, const char *name)
{
    struct spi_socket *socket;
    struct sockaddr_storage address = local_address(family);

    peers_choose(family, type);
    socket = provider_socket(family, type, name);
    require_outcome(NEEDED("provider"), "WSPBind to the loopback address",
                    spi_bind(socket, (struct sockaddr *)&address, address_length(&address)),
                    ONE_OF(RETURNS(0)));
    return socket;
}

struct sockaddr_storage socket_address(struct spi_socket *socket)
{
    struct sockaddr_storage address = {0};

    require_outcome(NEEDED("provider"), "WSPGetSockName of a bound socket",
                    spi_get_sock_name(socket, &address), ONE_OF(RETURNS(0)));
    require_that(NEEDED("provider"), address.ss_family != 0,
                 "the name that WSPGetSockName gave of a bound socket", "an address", "nothing");
    return address;
}

struct spi_socket *arrange_listener(int family, int backlog)
{
    struct spi_socket *listener = bound_socket(family, SOCK_STREAM, "listener");

    require_outcome(NEEDED("provider"), "WSPListen", spi_listen(listener, backlog),
                    ONE_OF(RETURNS(0)));
    return listener;
}

struct spi_socket *arrange_datagram(int family)
{
    return bound_socket(family, SOCK_DGRAM, "datagram socket");
}

static bool try_connection(int family, struct connection *connection, struct outcome *outcome)
{
    struct peer *listener = peer_listener(family, 5);
    struct sockaddr_storage address = peer_address(listener);

    connection->local = provider_socket(family, SOCK_STREAM, "stream socket");
    *outcome =
        spi_connect(connection->local, (struct sockaddr *)&address, address_length(&address));
    if (outcome->failed) {
        return false;
    }
    /* A provider that says so time and again is not waited for as long each time. */
    connection->peer =
        peer_accept(listener, settings.fused[SPI_WSPConnect] ? min(settings.budgets.data, FUSED_MS)
                                                             : settings.budgets.data);
    if (connection->peer == NULL) {
        evidence_note("in vain", "WSPConnect returned 0, and no connection came to the listener");
    }
    peer_close(listener);
    return connection->peer != NULL;
}

struct connection arrange_connection(int family)
{
    struct connection connection = {0};
    struct outcome outcome;
    bool connected;

    peers_choose(family, SOCK_STREAM);
    connected = try_connection(family, &connection, &outcome);
    if (!connected && peers_turn_to_provider()) {
        connected = try_connection(family, &connection, &outcome);
    }
    if (!connected) {
        char text[128];
        stop_case(NEEDED("provider"), "WSPConnect to a listening peer",
                  "0, and a connection at the peer", outcome_text(text, sizeof text, outcome));
    }
    return connection;
}

size_t fill_connection(struct spi_socket *socket)
{
    static char chunk[FILL_CHUNK];
    size_t filled = 0;
    struct outcome outcome = {0};

    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1", spi_set_nonblocking(socket, true),
                    ONE_OF(RETURNS(0)));
    while (filled < FILL_LIMIT) {
        WSABUF buffer = {.len = sizeof chunk, .buf = chunk};
        DWORD sent = 0;
        outcome = spi_send(socket, &buffer, 1, &sent, 0);
        if (outcome.failed) {
            break;
        }
        filled += sent;
    }
    require_outcome(NEEDED("provider"), "non-blocking WSPSend while the peer does not read (G1)",
                    outcome, ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)));
    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 0", spi_set_nonblocking(socket, false),
                    ONE_OF(RETURNS(0)));
    return filled;
}

/*
 * Systems acknowledge late, 40 ms after the last bytes have arrived, and then there is room once
 * more. A provider that takes a buffer whole as soon as there is any would not block on it.
 */
static void fill_for_good(struct spi_socket *socket)
{
    fill_connection(socket);
    for (int i = 0; i < FILLS; i++) {
        WaitForSingleObject(GetCurrentThread(), ACKNOWLEDGED_MS);
        if (fill_connection(socket) == 0) {
            break;
        }
    }
}

void fill_until_unwritable(struct spi_socket *socket)
{
    const struct timeval *a_moment = read_only_timeval(0, 100000);
    struct outcome outcome;

    do {
        struct buffer *set = new_fd_set("the write set", &socket, 1);
        fill_connection(socket);
        outcome = spi_select(socket->entry, NULL, fd_set_of(set), NULL, a_moment);
    } while (!outcome.failed && outcome.value > 0);
}

struct peer *connection_arrives(struct stage *stage)
{
    struct peer *peer = peer_connect(&stage->address);

    if (stage->arrived < ARRAYSIZE(stage->arrivals)) {
        stage->arrivals[stage->arrived++] = peer;
    }
    return peer;
}

struct peer *numbered_connection_arrives(struct stage *stage)
{
    unsigned char number = (unsigned char)stage->arrived;
    struct peer *peer = connection_arrives(stage);

    peer_send(peer, &number, 1);
    return peer;
}

static void complete_by_data(struct operation *operation)
{
    struct stage *stage = operation->other_end;
    struct buffer *data = buffer_with_pattern("what the peer sends", STAGE_DATA_SIZE, 0);

    peer_send(stage->peer, data->bytes, data->size);
}

static void complete_by_datagram(struct operation *operation)
{
    struct stage *stage = operation->other_end;
    struct buffer *data = buffer_with_pattern("what the peer sends", STAGE_DATA_SIZE, 0);

    peer_send_to(stage->peer, &stage->address, data->bytes, data->size);
}

static void complete_by_connection(struct operation *operation)
{
    connection_arrives(operation->other_end);
}

static void complete_by_reading(struct operation *operation)
{
    struct stage *stage = operation->other_end;

    drain_begin(stage->peer);
}

static void reset_fillers(struct stage *stage)
{
    for (unsigned i = 0; i < ARRAYSIZE(stage->fillers); i++) {
        if (stage->fillers[i] != NULL) {
            peer_reset(stage->fillers[i]);
            stage->fillers[i] = NULL;
        }
    }
}

/* The pending fillers would take the room that is made, so they go first. */
static void complete_by_room(struct operation *operation)
{
    struct stage *stage = operation->other_end;
    struct peer *accepted;

    reset_fillers(stage);
    if (stage->peer == NULL) {
        return;
    }
    while ((accepted = peer_accept(stage->peer, 0)) != NULL) {
        peer_close(accepted);
    }
}

/* A listener whose backlog is full answers no further connect. */
static void fill_backlog(struct stage *stage)
{
    stage->peer = peer_listener(stage->family, STALL_BACKLOG);
    stage->address = peer_address(stage->peer);
    for (unsigned i = 0; i < STALL_FILLERS; i++) {
        stage->fillers[i] = peer_start_connecting(&stage->address);
    }
}

static bool has_unresponsive_address(struct stage *stage)
{
    const char *text = stage->family == AF_INET6 ? settings.unresponsive6 : settings.unresponsive4;

    return *text != '\0' && parse_address(text, &stage->address) != 0;
}

static void arrange_connect(struct stage *stage)
{
    peers_choose(stage->family, SOCK_STREAM);
    stage->socket = provider_socket(stage->family, SOCK_STREAM, "connecting socket");
    if (!has_unresponsive_address(stage)) {
        fill_backlog(stage);
    }
    stage->operation = operation_connect(stage->socket, &stage->address);
    stage->operation.complete = complete_by_room;
}

static void arrange_accept(struct stage *stage)
{
    stage->socket = arrange_listener(stage->family, 5);
    stage->address = socket_address(stage->socket);
    stage->operation = operation_accept(stage->socket);
    stage->operation.complete = complete_by_connection;
}

static void arrange_select(struct stage *stage)
{
    struct connection connection = arrange_connection(stage->family);

    stage->socket = connection.local;
    stage->peer = connection.peer;
    stage->operation = operation_select(stage->socket->entry, NULL);
    operation_select_add(&stage->operation, 0, &stage->socket, 1);
    stage->operation.complete = complete_by_data;
}

static void receive_on(struct stage *stage, struct connection connection)
{
    stage->socket = connection.local;
    stage->peer = connection.peer;
    stage->operation = operation_receive(stage->socket, STAGE_DATA_SIZE);
    stage->operation.complete = complete_by_data;
}

static void arrange_receive(struct stage *stage)
{
    receive_on(stage, arrange_connection(stage->family));
}

struct stage *stage_of_connection(struct spi_socket *socket, struct peer *peer)
{
    struct stage *stage = calloc(1, sizeof *stage);

    stage->function = SPI_WSPRecv;
    stage->family = socket->entry->family;
    receive_on(stage, (struct connection){.local = socket, .peer = peer});
    stage->operation.other_end = stage;
    return stage;
}

static void arrange_receive_from(struct stage *stage)
{
    stage->socket = arrange_datagram(stage->family);
    stage->address = socket_address(stage->socket);
    stage->peer = peer_datagram(stage->family);
    stage->operation = operation_receive_from(stage->socket, STAGE_DATA_SIZE);
    stage->operation.complete = complete_by_datagram;
}

static void arrange_send(struct stage *stage)
{
    struct connection connection = arrange_connection(stage->family);
    int size = SMALL_BUFFER;

    stage->socket = connection.local;
    stage->peer = connection.peer;
    peer_make_buffers_small(stage->peer);
    spi_set_option(stage->socket, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    fill_for_good(stage->socket);
    stage->operation =
        operation_send(stage->socket, buffer_with_pattern("the send buffer", BIG_SEND, 0));
    stage->operation.complete = complete_by_reading;
}

/* Any socket will do; the provider may have one kind only. */
static struct spi_socket *socket_of_any_kind(int family)
{
    bool stream = !settings.claimed_absent[entry_for(family, SOCK_STREAM)];

    return provider_socket(family, stream ? SOCK_STREAM : SOCK_DGRAM, "socket");
}

static void arrange_ioctl(struct stage *stage, enum feature feature)
{
    struct sockaddr_storage to = local_address(stage->family);
    struct buffer *in = NULL;
    DWORD code = (DWORD)SIO_ADDRESS_LIST_CHANGE;

    if (feature == FEATURE_ROUTING_INTERFACE_CHANGE) {
        in = buffer_new("the address whose route may change", (size_t)address_length(&to));
        memcpy(in->bytes, &to, in->size);
        code = (DWORD)SIO_ROUTING_INTERFACE_CHANGE;
    }
    stage->socket = socket_of_any_kind(stage->family);
    stage->operation = operation_ioctl(stage->socket, code, in);
}

struct stage *arrange_awaited_change(enum feature feature, int family)
{
    struct stage *stage = calloc(1, sizeof *stage);

    stage->function = SPI_WSPIoctl;
    stage->family = family;
    arrange_ioctl(stage, feature);
    stage->operation.other_end = stage;
    return stage;
}

/* True once the call is seen to wait, or has waited long enough to be taken to. */
static bool waits(struct blocked_call *call)
{
    if (settings.mode == MODE_NO_CALLBACK) {
        return !wait_for_return(call, settings.budgets.quiet);
    }
    return wait_for_callback(call, 1, settings.budgets.hook) || !call_returned(call);
}

void require_code_offered(const struct stage *stage, struct blocked_call *call)
{
    enum feature feature = stage->operation.code == (DWORD)SIO_ADDRESS_LIST_CHANGE
                               ? FEATURE_ADDRESS_LIST_CHANGE
                               : FEATURE_ROUTING_INTERFACE_CHANGE;
    char text[128];
    bool refused;

    if (stage->function != SPI_WSPIoctl || waits(call)) {
        return;
    }
    refused = call_outcome(call).failed && !outcome_is_error(call_outcome(call), WSAEINTR);
    require_that(settings.claimed_lacking[feature] ? OFFERED : NEEDED("provider"), !refused,
                 "WSPIoctl for a change that has not come yet (G5)", "it waits", "%s",
                 outcome_text(text, sizeof text, call_outcome(call)));
}

void require_ioctl_called_back(struct blocked_call *call)
{
    bool called = wait_for_callback(call, 1, settings.budgets.hook);

    if (!called && !call_returned(call)) {
        rescue(call);
        require_that(OFFERED, false, "the blocking callback during a WSPIoctl that waits",
                     "called, so that it can cancel", "not called");
    }
}

struct stage *arrange_blocked(enum spi_function function, int family)
{
    struct stage *stage = calloc(1, sizeof *stage);

    stage->function = function;
    stage->family = family;
    switch (function) {
    case SPI_WSPConnect:
        arrange_connect(stage);
        break;
    case SPI_WSPAccept:
        arrange_accept(stage);
        break;
    case SPI_WSPSelect:
        arrange_select(stage);
        break;
    case SPI_WSPRecv:
        arrange_receive(stage);
        break;
    case SPI_WSPRecvFrom:
        arrange_receive_from(stage);
        break;
    case SPI_WSPSend:
        arrange_send(stage);
        break;
    case SPI_WSPIoctl:
        arrange_ioctl(stage, FEATURE_ADDRESS_LIST_CHANGE);
        break;
    default:
        stop_case(BROKEN("suite"), "a stage for a blocking call", "one of seven functions",
                  spi_function_name(function));
    }
    stage->operation.other_end = stage;
    return stage;
}

struct stage *arrange_receive_of_a_datagram(int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPRecvFrom, family);
    void (*complete)(struct operation * operation) = stage->operation.complete;

    stage->function = SPI_WSPRecv;
    stage->operation = operation_receive(stage->socket, STAGE_DATA_SIZE);
    stage->operation.complete = complete;
    stage->operation.other_end = stage;
    return stage;
}

struct stage *arrange_receive_from_a_stream(int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPRecv, family);
    void (*complete)(struct operation * operation) = stage->operation.complete;

    stage->function = SPI_WSPRecvFrom;
    stage->operation = operation_receive_from(stage->socket, STAGE_DATA_SIZE);
    stage->operation.complete = complete;
    stage->operation.other_end = stage;
    return stage;
}

struct stage *arrange_select_to_write(int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPSend, family);
    void (*complete)(struct operation * operation) = stage->operation.complete;

    fill_until_unwritable(stage->socket);
    stage->function = SPI_WSPSelect;
    stage->operation = operation_select(stage->socket->entry, NULL);
    operation_select_add(&stage->operation, 1, &stage->socket, 1);
    stage->operation.complete = complete;
    stage->operation.other_end = stage;
    return stage;
}

struct stage *arrange_stalled_connect(int family)
{
    struct stage *stage = calloc(1, sizeof *stage);

    stage->function = SPI_WSPConnect;
    stage->family = family;
    peers_choose(family, SOCK_STREAM);
    stage->socket = provider_socket(family, SOCK_STREAM, "connecting socket");
    fill_backlog(stage);
    stage->operation = operation_connect(stage->socket, &stage->address);
    stage->operation.complete = complete_by_room;
    stage->operation.other_end = stage;
    return stage;
}

struct stage *arrange_pending_connect(int family)
{
    return arrange_pending_connect_of(client_start("T3"), family);
}

struct stage *arrange_pending_connect_of(struct client *client, int family)
{
    struct stage *stage = calloc(1, sizeof *stage);
    struct operation *connect = malloc(sizeof *connect);
    struct blocked_call *call;

    stage->family = family;
    peers_choose(family, SOCK_STREAM);
    stage->socket = provider_socket(family, SOCK_STREAM, "connecting socket");
    fill_backlog(stage);
    require_outcome(NEEDED("provider"), "WSPIoctl FIONBIO 1",
                    spi_set_nonblocking(stage->socket, true), ONE_OF(RETURNS(0)));
    *connect = operation_connect(stage->socket, &stage->address);
    call = start_call(client, connect, GOES_ON);
    if (!wait_for_return(call, settings.budgets.cancel)) {
        rescue(call);
        stop_case(NEEDED("provider"), "non-blocking WSPConnect", "it returns", "it blocks");
    }
    require_outcome(NEEDED("environment"),
                    "non-blocking WSPConnect to a listener with a full backlog (G1)",
                    call_outcome(call), ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)));
    return stage;
}

void let_pending_connect_through(struct stage *stage)
{
    struct peer *accepted;

    /* What is accepted is kept: the pending connect may have come through by now. */
    reset_fillers(stage);
    while (stage->arrived < ARRAYSIZE(stage->arrivals) &&
           (accepted = peer_accept(stage->peer, 0)) != NULL) {
        stage->arrivals[stage->arrived++] = accepted;
    }
}

struct peer *stalled_connect_arrives(struct stage *stage)
{
    let_pending_connect_through(stage);
    for (unsigned i = 0; i < ARRAYSIZE(stage->arrivals); i++) {
        if (i == stage->arrived) {
            struct peer *end = peer_accept(stage->peer, settings.budgets.data);
            if (end == NULL) {
                return NULL;
            }
            stage->arrivals[stage->arrived++] = end;
        }
        /* The others are those of the fillers, which have been reset. */
        if (peer_end(stage->arrivals[i], 0) == PEER_CONNECTED) {
            return stage->arrivals[i];
        }
    }
    return NULL;
}

struct peer *expect_pending_connect_arrived(struct demand demand, struct stage *stage)
{
    unsigned char byte = 'c';
    WSABUF buffer = {.len = sizeof byte, .buf = (char *)&byte};
    DWORD sent = 0;
    struct peer *found = NULL;

    if (!expect_outcome(demand, "WSPSend over the connection that came through",
                        spi_send(stage->socket, &buffer, 1, &sent, 0), ONE_OF(RETURNS(0)))) {
        return NULL;
    }
    for (unsigned i = 0; i < ARRAYSIZE(stage->arrivals) && found == NULL; i++) {
        struct peer *end = i < stage->arrived ? stage->arrivals[i]
                                              : peer_accept(stage->peer, settings.budgets.data);
        if (end == NULL) {
            break;
        }
        /* The others are those of the fillers, which have been reset. */
        found = peer_receive(end, &byte, sizeof byte) == sizeof byte ? end : NULL;
    }
    expect_that(demand, found != NULL, "the connection that came through, at its listener",
                "it is there, and a byte came over it", "no such connection");
    return found;
}

void stage_complete(struct stage *stage)
{
    stage->operation.complete(&stage->operation);
}

struct stage *arrange_again(const struct stage *stage)
{
    struct stage *again = malloc(sizeof *again);

    *again = *stage;
    again->operation = operation_again(&stage->operation);
    again->operation.other_end = again;
    return again;
}

/* WSPConnect and WSPAccept have none; no case asks for it. */
static struct outcome set_timeout(struct stage *stage, DWORD milliseconds)
{
    int option = stage->function == SPI_WSPSend ? SO_SNDTIMEO : SO_RCVTIMEO;

    if (stage->function == SPI_WSPSelect) {
        stage->operation.timeout =
            read_only_timeval((long)(milliseconds / 1000), (long)(milliseconds % 1000) * 1000);
        return (struct outcome){.kind = OUTCOME_INT};
    }
    return spi_set_option(stage->socket, SOL_SOCKET, option, &milliseconds,
                          (int)sizeof milliseconds);
}

bool stage_set_timeout(struct stage *stage, DWORD milliseconds)
{
    return stage->function != SPI_WSPConnect && stage->function != SPI_WSPAccept &&
           !set_timeout(stage, milliseconds).failed;
}

void require_timeout(struct stage *stage, DWORD milliseconds)
{
    const char *what = about("a timeout for %s", spi_function_name(stage->function));
    struct outcome outcome = set_timeout(stage, milliseconds);

    require_that(OFFERED, !outcome_is_error(outcome, WSAENOPROTOOPT), what, "it can be set",
                 "the provider has no such option");
    require_outcome(NEEDED("provider"), what, outcome, ONE_OF(RETURNS(0)));
}

bool wait_until_readable(struct spi_socket *socket)
{
    int64_t deadline = evidence_now() + (int64_t)settings.budgets.data * 1000;
    const struct timeval *poll = read_only_timeval(0, 20000);

    while (evidence_now() < deadline) {
        struct buffer *set = new_fd_set("the read set", &socket, 1);
        struct outcome outcome = spi_select(socket->entry, fd_set_of(set), NULL, NULL, poll);
        if (outcome.failed) {
            return false;
        }
        if (outcome.value > 0) {
            return true;
        }
    }
    return false;
}
