/*
 * Peers: the other ends of connections, the listeners and the senders that a case needs. They are
 * the system's own sockets, so that the provider is not its own witness; only where the two cannot
 * talk, or the description says so, are they sockets of the provider (G8). Used from the case's
 * main thread; every wait is bounded by the budget `data`.
 */
#ifndef WSPCTS_HARNESS_PEER_H
#define WSPCTS_HARNESS_PEER_H

#include "harness/provider.h"

struct peer;

/* How the other side of a connection left it, as the peer sees it. */
enum peer_end { PEER_CONNECTED, PEER_GRACEFUL_END, PEER_RESET };

const char *peer_end_text(enum peer_end end);

void peers_start(void);

/* True if peers are the provider's own sockets now. */
bool peers_are_provider(void);

/*
 * Finds out, once for each family, whether a name that the provider bound is taken in the system
 * too. If it is not, the two cannot reach each other and the peers become sockets of the provider.
 */
void peers_choose(int family, int type);

/*
 * Turns to sockets of the provider if the choice is automatic and they are not used yet; false if
 * there is nothing to turn to.
 */
bool peers_turn_to_provider(void);

/*
 * Until it is taken back, what fails on the peers' side stops no case: whoever makes a call return
 * that is still blocked does not know whether its connection is over by then.
 */
void peers_forgive(bool failures);

/* The loopback address of a family, port 0. */
struct sockaddr_storage local_address(int family);
struct sockaddr_storage second_address(int family);
int address_length(const struct sockaddr_storage *address);

struct peer *peer_listener(int family, int backlog);
struct peer *peer_datagram(int family);
struct sockaddr_storage peer_address(const struct peer *peer);

/* Begins to connect and does not wait; NULL if that is refused at once. */
struct peer *peer_start_connecting(const struct sockaddr_storage *to);
/* True if it is connected within `milliseconds`. */
bool peer_is_connected(struct peer *peer, DWORD milliseconds);
/* Connects or ends the case as inconclusive. */
struct peer *peer_connect(const struct sockaddr_storage *to);

/* Accepts a connection that is or will be there; NULL if none comes within `milliseconds`. */
struct peer *peer_accept(struct peer *listener, DWORD milliseconds);

/* Sends all of it, or ends the case. */
void peer_send(struct peer *peer, const void *bytes, size_t count);
/* Sends it; false if the connection has ended, which after a cancel it may have (S17). */
bool peer_tries_to_send(struct peer *peer, const void *bytes, size_t count);
/* Sends a byte out of band; false if it cannot. */
bool peer_sends_urgent(struct peer *peer, char byte);
void peer_send_to(struct peer *peer, const struct sockaddr_storage *to, const void *bytes,
                  size_t count);

/* Receives until `count` bytes are there or nothing more comes; how many there are. */
size_t peer_receive(struct peer *peer, void *bytes, size_t count);

/*
 * Receives what is there, or what comes first within `milliseconds`: how many bytes. If there are
 * none, `end` says whether the connection has ended; after an end it must not be asked again.
 */
size_t peer_receive_some(struct peer *peer, void *bytes, size_t count, DWORD milliseconds,
                         enum peer_end *end);

/* Sees whether the connection has ended, waiting for it up to `milliseconds`. */
enum peer_end peer_end(struct peer *peer, DWORD milliseconds);

void peer_make_buffers_small(struct peer *peer);
void peer_shutdown_send(struct peer *peer);
void peer_close(struct peer *peer);
/* Closes with SO_LINGER {1, 0}. */
void peer_reset(struct peer *peer);

/*
 * Shows with two connections between sockets of the system that a peer can tell a reset from a
 * graceful end; ends the case as inconclusive if it cannot.
 */
void peer_control(int family);

#endif
