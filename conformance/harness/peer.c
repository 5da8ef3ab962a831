#include "harness/peer.h"

#include "harness/evidence.h"
#include "harness/names.h"
#include "harness/spi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SYSTEM_STARTUPS = 4, ACCEPT_TRIES = 16, SMALL_BUFFER = 64 << 10, PROBE_MS = 200 };

/* What a peer is made of: the system's sockets and the provider's answer the same few questions. */
struct backend {
    const char *name;
    bool (*open)(struct peer *peer, int type);
    bool (*bind)(struct peer *peer, const struct sockaddr_storage *address);
    bool (*listen)(struct peer *peer, int backlog);
    bool (*connect)(struct peer *peer, const struct sockaddr_storage *to); /* begins to */
    bool (*accept)(struct peer *listener, struct peer *made);              /* does not wait */
    int (*send)(struct peer *peer, const void *bytes, int count, const struct sockaddr_storage *to);
    bool (*send_urgent)(struct peer *peer, char byte);
    int (*receive)(struct peer *peer, void *bytes, int count);
    bool (*wait)(struct peer *peer, bool to_write, DWORD milliseconds);
    bool (*name_of)(const struct peer *peer, struct sockaddr_storage *address);
    bool (*option)(struct peer *peer, int option, const void *value, int size);
    void (*shutdown_send)(struct peer *peer);
    void (*close)(struct peer *peer);
};

struct peer {
    const struct backend *backend;
    int family;
    SOCKET system;
    struct spi_socket *provider;
    int error; /* of the last operation that failed */
};

static bool system_result(struct peer *peer, int result)
{
    peer->error = result == 0 ? 0 : WSAGetLastError();
    return result == 0;
}

static bool system_make_nonblocking(struct peer *peer)
{
    u_long on = 1;

    return system_result(peer, ioctlsocket(peer->system, (long)FIONBIO, &on));
}

static bool system_open(struct peer *peer, int type)
{
    peer->system = WSASocketW(peer->family, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    if (peer->system == INVALID_SOCKET) {
        peer->error = WSAGetLastError();
        return false;
    }
    return system_make_nonblocking(peer);
}

static bool system_bind(struct peer *peer, const struct sockaddr_storage *address)
{
    return system_result(
        peer, bind(peer->system, (const struct sockaddr *)address, address_length(address)));
}

static bool system_listen(struct peer *peer, int backlog)
{
    return system_result(peer, listen(peer->system, backlog));
}

static bool system_connect(struct peer *peer, const struct sockaddr_storage *to)
{
    bool connected =
        system_result(peer, connect(peer->system, (const struct sockaddr *)to, address_length(to)));

    return connected || peer->error == WSAEWOULDBLOCK;
}

static bool system_accept(struct peer *listener, struct peer *made)
{
    made->system = accept(listener->system, NULL, NULL);
    return made->system != INVALID_SOCKET && system_make_nonblocking(made);
}

static int system_send(struct peer *peer, const void *bytes, int count,
                       const struct sockaddr_storage *to)
{
    int sent = to != NULL ? sendto(peer->system, bytes, count, 0, (const struct sockaddr *)to,
                                   address_length(to))
                          : send(peer->system, bytes, count, 0);

    peer->error = sent < 0 ? WSAGetLastError() : 0;
    return sent;
}

static bool system_send_urgent(struct peer *peer, char byte)
{
    return send(peer->system, &byte, 1, MSG_OOB) == 1;
}

static int system_receive(struct peer *peer, void *bytes, int count)
{
    int received = recv(peer->system, bytes, count, 0);

    peer->error = received < 0 ? WSAGetLastError() : 0;
    return received;
}

static bool system_wait(struct peer *peer, bool to_write, DWORD milliseconds)
{
    fd_set set;
    fd_set failed;
    struct timeval limit = {.tv_sec = (long)(milliseconds / 1000),
                            .tv_usec = (long)(milliseconds % 1000) * 1000};

    FD_ZERO(&set);
    FD_SET(peer->system, &set);
    failed = set;
    return select(0, to_write ? NULL : &set, to_write ? &set : NULL, &failed, &limit) > 0;
}

static bool system_name_of(const struct peer *peer, struct sockaddr_storage *address)
{
    int length = (int)sizeof *address;

    return getsockname(peer->system, (struct sockaddr *)address, &length) == 0;
}

static bool system_option(struct peer *peer, int option, const void *value, int size)
{
    return system_result(peer, setsockopt(peer->system, SOL_SOCKET, option, value, size));
}

static void system_shutdown_send(struct peer *peer)
{
    shutdown(peer->system, SD_SEND);
}

static void system_close(struct peer *peer)
{
    closesocket(peer->system);
    peer->system = INVALID_SOCKET;
}

static const struct backend system_backend = {
    "the system",   system_open,   system_bind,          system_listen,  system_connect,
    system_accept,  system_send,   system_send_urgent,   system_receive, system_wait,
    system_name_of, system_option, system_shutdown_send, system_close,
};

static bool provider_result(struct peer *peer, struct outcome outcome)
{
    peer->error = outcome.failed ? outcome.error : 0;
    return !outcome.failed;
}

static bool provider_open(struct peer *peer, int type)
{
    peer->provider = provider_socket(peer->family, type, "peer");
    return provider_result(peer, spi_set_nonblocking(peer->provider, true));
}

static bool provider_bind(struct peer *peer, const struct sockaddr_storage *address)
{
    return provider_result(
        peer, spi_bind(peer->provider, (const struct sockaddr *)address, address_length(address)));
}

static bool provider_listen(struct peer *peer, int backlog)
{
    return provider_result(peer, spi_listen(peer->provider, backlog));
}

static bool provider_connect(struct peer *peer, const struct sockaddr_storage *to)
{
    bool connected = provider_result(
        peer, spi_connect(peer->provider, (const struct sockaddr *)to, address_length(to)));

    return connected || peer->error == WSAEWOULDBLOCK;
}

static bool provider_accept(struct peer *listener, struct peer *made)
{
    return provider_result(listener,
                           spi_accept(listener->provider, NULL, NULL, "peer", &made->provider)) &&
           provider_result(made, spi_set_nonblocking(made->provider, true));
}

static int provider_send(struct peer *peer, const void *bytes, int count,
                         const struct sockaddr_storage *to)
{
    WSABUF buffer = {.len = (u_long)count, .buf = (char *)(uintptr_t)bytes};
    DWORD sent = 0;
    struct outcome outcome = to != NULL
                                 ? spi_send_to(peer->provider, &buffer, 1, &sent, 0,
                                               (const struct sockaddr *)to, address_length(to))
                                 : spi_send(peer->provider, &buffer, 1, &sent, 0);

    return provider_result(peer, outcome) ? (int)sent : -1;
}

static bool provider_send_urgent(struct peer *peer, char byte)
{
    WSABUF buffer = {.len = 1, .buf = &byte};
    DWORD sent = 0;

    return !spi_send(peer->provider, &buffer, 1, &sent, MSG_OOB).failed && sent == 1;
}

static int provider_receive(struct peer *peer, void *bytes, int count)
{
    WSABUF buffer = {.len = (u_long)count, .buf = bytes};
    DWORD received = 0;
    DWORD flags = 0;

    return provider_result(peer, spi_receive(peer->provider, &buffer, 1, &received, &flags))
               ? (int)received
               : -1;
}

static bool provider_wait(struct peer *peer, bool to_write, DWORD milliseconds)
{
    fd_set set = {.fd_count = 1, .fd_array = {peer->provider->handle}};
    fd_set failed = set;
    struct timeval limit = {.tv_sec = (long)(milliseconds / 1000),
                            .tv_usec = (long)(milliseconds % 1000) * 1000};
    struct outcome outcome = spi_select(peer->provider->entry, to_write ? NULL : &set,
                                        to_write ? &set : NULL, &failed, &limit);

    return provider_result(peer, outcome) && outcome.value > 0;
}

static bool provider_name_of(const struct peer *peer, struct sockaddr_storage *address)
{
    return !spi_get_sock_name(peer->provider, address).failed;
}

static bool provider_option(struct peer *peer, int option, const void *value, int size)
{
    return provider_result(peer, spi_set_option(peer->provider, SOL_SOCKET, option, value, size));
}

static void provider_shutdown_send(struct peer *peer)
{
    spi_shutdown(peer->provider, SD_SEND);
}

static void provider_close(struct peer *peer)
{
    spi_close(peer->provider);
}

static const struct backend provider_backend = {
    "the provider",   provider_open,   provider_bind,          provider_listen,  provider_connect,
    provider_accept,  provider_send,   provider_send_urgent,   provider_receive, provider_wait,
    provider_name_of, provider_option, provider_shutdown_send, provider_close,
};

static const struct backend *backend = &system_backend;

const char *peer_end_text(enum peer_end end)
{
    static const char *const texts[] = {"still connected", "a graceful end", "a reset"};
    return texts[end];
}

void peers_start(void)
{
    WSADATA data;

    /* Several: a provider that cleans up once too often must not take the peers away. */
    for (int i = 0; i < SYSTEM_STARTUPS; i++) {
        WSAStartup(MAKEWORD(2, 2), &data);
    }
    if (settings.peer == PEER_PROVIDER) {
        backend = &provider_backend;
    }
}

bool peers_are_provider(void)
{
    return backend == &provider_backend;
}

bool peers_turn_to_provider(void)
{
    if (peers_are_provider() || settings.peer != PEER_AUTO) {
        return false;
    }
    evidence_note("peer", "the provider and the system's own sockets do not reach each other: the "
                          "peers are sockets of the provider");
    backend = &provider_backend;
    return true;
}

/* True if the system would let someone else bind this name: it knows nothing of the provider's. */
static bool is_free_in_the_system(const struct sockaddr_storage *address, int type)
{
    SOCKET probe = WSASocketW(address->ss_family, type, 0, NULL, 0, WSA_FLAG_OVERLAPPED);
    bool is_free;

    if (probe == INVALID_SOCKET) {
        return false;
    }
    is_free = bind(probe, (const struct sockaddr *)address, address_length(address)) == 0;
    closesocket(probe);
    return is_free;
}

static bool has_port(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET6 ? ((const struct sockaddr_in6 *)address)->sin6_port != 0
                                          : ((const struct sockaddr_in *)address)->sin_port != 0;
}

/* True if a socket of the provider has a name that the system would give to another. */
static bool has_name_of_its_own(int family, int type)
{
    struct sockaddr_storage address = local_address(family);
    struct spi_socket *probe = provider_socket(family, type, "probe");
    bool has =
        !spi_bind(probe, (const struct sockaddr *)&address, address_length(&address)).failed &&
        !spi_get_sock_name(probe, &address).failed && address.ss_family == family &&
        has_port(&address) && is_free_in_the_system(&address, type);

    spi_close(probe);
    return has;
}

void peers_choose(int family, int type)
{
    static bool chosen[2];
    bool *done = &chosen[family == AF_INET6];

    if (*done || peers_are_provider() || settings.peer != PEER_AUTO) {
        return;
    }
    *done = true;
    /* Twice: some socket of another process may happen to have the first name in the system. */
    for (int tries = 0; tries < 2; tries++) {
        if (has_name_of_its_own(family, type)) {
            peers_turn_to_provider();
            return;
        }
    }
}

static struct sockaddr_storage parsed(const char *text)
{
    struct sockaddr_storage address;

    parse_address(text, &address);
    return address;
}

struct sockaddr_storage local_address(int family)
{
    return parsed(family == AF_INET6 ? settings.local6 : settings.local4);
}

struct sockaddr_storage second_address(int family)
{
    return parsed(family == AF_INET6 ? settings.second6 : settings.second4);
}

int address_length(const struct sockaddr_storage *address)
{
    return address->ss_family == AF_INET6 ? (int)sizeof(struct sockaddr_in6)
                                          : (int)sizeof(struct sockaddr_in);
}

static struct demand own_part(void)
{
    return peers_are_provider() ? NEEDED("provider") : BROKEN("environment");
}

static bool forgiving;

void peers_forgive(bool failures)
{
    forgiving = failures;
}

static void need(const struct peer *peer, bool done, const char *what)
{
    char text[64];
    char whole[128];

    if (!done && !forgiving) {
        snprintf(whole, sizeof whole, "%s by a peer, a socket of %s", what, peer->backend->name);
        stop_case(own_part(), whole, "success", error_text(text, sizeof text, peer->error));
    }
}

static struct peer *new_peer(int family)
{
    struct peer *peer = calloc(1, sizeof *peer);

    peer->backend = backend;
    peer->family = family;
    peer->system = INVALID_SOCKET;
    return peer;
}

static struct peer *new_bound_peer(int family, int type)
{
    struct peer *peer = new_peer(family);
    struct sockaddr_storage address = local_address(family);

    need(peer, peer->backend->open(peer, type), "socket");
    need(peer, peer->backend->bind(peer, &address), "bind");
    return peer;
}

struct peer *peer_listener(int family, int backlog)
{
    struct peer *peer = new_bound_peer(family, SOCK_STREAM);

    need(peer, peer->backend->listen(peer, backlog), "listen");
    return peer;
}

struct peer *peer_datagram(int family)
{
    return new_bound_peer(family, SOCK_DGRAM);
}

struct sockaddr_storage peer_address(const struct peer *peer)
{
    struct sockaddr_storage address = {0};

    need(peer, peer->backend->name_of(peer, &address), "getsockname");
    return address;
}

struct peer *peer_start_connecting(const struct sockaddr_storage *to)
{
    struct peer *peer = new_peer(to->ss_family);

    need(peer, peer->backend->open(peer, SOCK_STREAM), "socket");
    evidence_note("peer", "connects");
    return peer->backend->connect(peer, to) ? peer : NULL;
}

bool peer_is_connected(struct peer *peer, DWORD milliseconds)
{
    struct sockaddr_storage address;
    int length = (int)sizeof address;

    if (!peer->backend->wait(peer, true, milliseconds)) {
        return false;
    }
    return peer->provider != NULL
               ? !spi_get_peer_name(peer->provider, &address).failed
               : getpeername(peer->system, (struct sockaddr *)&address, &length) == 0;
}

struct peer *peer_connect(const struct sockaddr_storage *to)
{
    struct peer *peer = peer_start_connecting(to);
    char text[80];

    if (peer == NULL || !peer_is_connected(peer, settings.budgets.data)) {
        stop_case(NEEDED("provider"), "a peer connects to a listener of the provider",
                  "a connection", address_text(text, sizeof text, (const struct sockaddr *)to));
    }
    return peer;
}

struct peer *peer_accept(struct peer *listener, DWORD milliseconds)
{
    struct peer *made = new_peer(listener->family);

    made->backend = listener->backend;
    /* A connection that was reset while it waited may make an accept fail, and be gone. */
    for (int tries = 0; tries < ACCEPT_TRIES; tries++) {
        if (!listener->backend->wait(listener, false, milliseconds)) {
            break;
        }
        if (listener->backend->accept(listener, made)) {
            evidence_note("peer", "accepts a connection");
            return made;
        }
    }
    free(made);
    return NULL;
}

void peer_send(struct peer *peer, const void *bytes, size_t count)
{
    const char *at = bytes;

    evidence_note("peer", "sends %zu byte%s", count, count == 1 ? "" : "s");
    while (count > 0) {
        int sent = peer->backend->send(peer, at, (int)count, NULL);
        if (sent < 0 && peer->error == WSAEWOULDBLOCK) {
            bool has_room = peer->backend->wait(peer, true, settings.budgets.data);
            need(peer, has_room, "send");
            if (has_room) {
                continue;
            }
        }
        if (sent < 0 && forgiving) {
            return;
        }
        if (sent < 0) {
            char text[64];
            stop_case(NEEDED("provider"), "a peer sends over the connection", "success",
                      error_text(text, sizeof text, peer->error));
        }
        at += sent;
        count -= (size_t)sent;
    }
}

bool peer_tries_to_send(struct peer *peer, const void *bytes, size_t count)
{
    evidence_note("peer", "sends %zu byte%s", count, count == 1 ? "" : "s");
    return peer->backend->send(peer, bytes, (int)count, NULL) == (int)count;
}

bool peer_sends_urgent(struct peer *peer, char byte)
{
    evidence_note("peer", "sends a byte of urgent data");
    return peer->backend->send_urgent(peer, byte);
}

void peer_send_to(struct peer *peer, const struct sockaddr_storage *to, const void *bytes,
                  size_t count)
{
    evidence_note("peer", "sends a datagram of %zu bytes", count);
    need(peer, peer->backend->send(peer, bytes, (int)count, to) == (int)count, "sendto");
}

size_t peer_receive(struct peer *peer, void *bytes, size_t count)
{
    size_t have = 0;

    while (have < count && peer->backend->wait(peer, false, settings.budgets.data)) {
        int received = peer->backend->receive(peer, (char *)bytes + have, (int)(count - have));
        if (received <= 0) {
            break;
        }
        have += (size_t)received;
    }
    return have;
}

static bool is_reset(int error)
{
    return error == WSAECONNRESET || error == WSAECONNABORTED || error == WSAENETRESET;
}

/*
 * Wine takes the error off a socket that is not just then being read, so that a reset reads as an
 * end of file; the first send afterwards still tells the two apart.
 */
static enum peer_end end_by_sending(struct peer *peer)
{
    int sent = peer->backend->send(peer, "?", 1, NULL);

    return sent < 0 && is_reset(peer->error) ? PEER_RESET : PEER_GRACEFUL_END;
}

size_t peer_receive_some(struct peer *peer, void *bytes, size_t count, DWORD milliseconds,
                         enum peer_end *end)
{
    int received;

    *end = PEER_CONNECTED;
    peer->error = 0;
    if (!peer->backend->wait(peer, false, milliseconds)) {
        return 0;
    }
    received = peer->backend->receive(peer, bytes, (int)count);
    if (received == 0) {
        *end = end_by_sending(peer);
    } else if (received < 0 && peer->error != WSAEWOULDBLOCK) {
        *end = is_reset(peer->error) ? PEER_RESET : PEER_GRACEFUL_END;
    }
    return received > 0 ? (size_t)received : 0;
}

enum peer_end peer_end(struct peer *peer, DWORD milliseconds)
{
    char ignored[4096];
    int64_t deadline = evidence_now() + (int64_t)milliseconds * 1000;
    enum peer_end end;

    for (;;) {
        int64_t left = deadline - evidence_now();
        DWORD patience = left > 0 ? (DWORD)(left / 1000) : 0;
        size_t received = peer_receive_some(peer, ignored, sizeof ignored, patience, &end);
        bool in_vain = received == 0 && peer->error != WSAEWOULDBLOCK;
        if (end != PEER_CONNECTED || in_vain || (received == 0 && left <= 0)) {
            return end;
        }
    }
}

void peer_make_buffers_small(struct peer *peer)
{
    int size = SMALL_BUFFER;

    peer->backend->option(peer, SO_RCVBUF, &size, sizeof size);
    peer->backend->option(peer, SO_SNDBUF, &size, sizeof size);
}

void peer_shutdown_send(struct peer *peer)
{
    evidence_note("peer", "ends its half of the connection");
    peer->backend->shutdown_send(peer);
}

void peer_close(struct peer *peer)
{
    evidence_note("peer", "closes its socket");
    peer->backend->close(peer);
}

void peer_reset(struct peer *peer)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};

    evidence_note("peer", "resets the connection");
    peer->backend->option(peer, SO_LINGER, &linger, sizeof linger);
    peer->backend->close(peer);
}

static enum peer_end end_of_control_connection(int family, void (*end_it)(struct peer *))
{
    struct peer *listener = peer_listener(family, 5);
    struct sockaddr_storage address = peer_address(listener);
    struct peer *ended = peer_connect(&address);
    struct peer *watching = peer_accept(listener, settings.budgets.data);
    enum peer_end end;

    need(listener, watching != NULL, "accept");
    end_it(ended);
    end = watching != NULL ? peer_end(watching, settings.budgets.data) : PEER_CONNECTED;
    if (watching != NULL) {
        peer_close(watching);
    }
    peer_close(listener);
    return end;
}

void peer_control(int family)
{
    const struct backend *in_use = backend;
    enum peer_end reset;
    enum peer_end graceful;

    backend = &system_backend;
    reset = end_of_control_connection(family, peer_reset);
    graceful = end_of_control_connection(family, peer_close);
    backend = in_use;
    require_that(NEEDED("environment"), reset == PEER_RESET && graceful == PEER_GRACEFUL_END,
                 "two control connections of the system, one reset and one closed",
                 "a reset, then a graceful end", "%s, then %s", peer_end_text(reset),
                 peer_end_text(graceful));
}
