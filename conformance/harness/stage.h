/*
 * Stages: everything a case needs before its first line. A stage for a blocking call holds a
 * socket of the provider on which the call can only wait, and the other end that could let it
 * complete. What cannot be set up ends the case as inconclusive or as an error, never as a failure.
 */
#ifndef WSPCTS_HARNESS_STAGE_H
#define WSPCTS_HARNESS_STAGE_H

#include "harness/blocked.h"
#include "harness/peer.h"

/* How many bytes a peer sends to let a stage's call complete. */
enum { STAGE_DATA_SIZE = 64 };

struct stage {
    enum spi_function function;
    int family;
    struct spi_socket *socket;       /* the call under test waits on it */
    struct sockaddr_storage address; /* of that socket, or of the listener it connects to */
    struct operation operation;
    struct peer *peer; /* the other end, or the listener */
    struct peer *fillers[8];
    struct peer *arrivals[16]; /* connections that a peer made to a listener, in order */
    unsigned arrived;
};

/*
 * A stage on which `function` (WSPConnect, WSPAccept, WSPSelect, WSPRecv, WSPRecvFrom, WSPSend)
 * can only wait.
 */
struct stage *arrange_blocked(enum spi_function function, int family);

/*
 * A stage for WSPConnect that can come through later, whatever address that never answers the
 * description names: to a listener whose backlog is full.
 */
struct stage *arrange_stalled_connect(int family);

/*
 * A stage whose socket is non-blocking and has a connect under way, to a listener whose backlog is
 * full. It has no operation.
 */
struct stage *arrange_pending_connect(int family);
/* The same, with the connect made on a thread of the caller's choice. */
struct stage *arrange_pending_connect_of(struct client *client, int family);

/* Makes room for that connect; it comes through when the system tries again, in a second or so. */
void let_pending_connect_through(struct stage *stage);

/*
 * Makes room for the connect of arrange_stalled_connect, and waits until it has come through; the
 * listener's end of the connection, NULL if there is none within the budget `data`.
 */
struct peer *stalled_connect_arrives(struct stage *stage);

/*
 * The listener's end of that connection, found by the byte that the stage's socket sends over it;
 * judged under the demand, NULL if there is none.
 */
struct peer *expect_pending_connect_arrived(struct demand demand, struct stage *stage);

/* The same stage, for another such call on the same socket. */
struct stage *arrange_again(const struct stage *stage);

/*
 * Gives the stage's call a timeout of its own: that of WSPSelect, SO_RCVTIMEO, or SO_SNDTIMEO.
 * False if there is none for this function, or the provider does not take it.
 */
bool stage_set_timeout(struct stage *stage, DWORD milliseconds);

/* Lets the stage's call complete from the other end: data, a connection, room. */
void stage_complete(struct stage *stage);

/* A connection between a socket of the provider and a peer. */
struct connection {
    struct spi_socket *local;
    struct peer *peer;
};

/* The provider connects to a listener of the peer's. */
struct connection arrange_connection(int family);

/* A listening socket of the provider. */
struct spi_socket *arrange_listener(int family, int backlog);
struct sockaddr_storage socket_address(struct spi_socket *socket);

/* A bound datagram socket of the provider. */
struct spi_socket *arrange_datagram(int family);

/* Sends until nothing more fits; the socket is blocking afterwards. Returns how much went in. */
size_t fill_connection(struct spi_socket *socket);

/*
 * As fill_connection, until WSPSelect too says that there is no room to write; what the peer has
 * taken but not acknowledged yet would make some a moment later.
 */
void fill_until_unwritable(struct spi_socket *socket);

/* A peer connects to the stage's listener, and the connection is established. */
struct peer *connection_arrives(struct stage *stage);

/* As connection_arrives, and the peer sends its number: its place among the stage's arrivals. */
struct peer *numbered_connection_arrives(struct stage *stage);

/* Waits with select {0,0} rounds of the provider until the socket is readable. */
bool wait_until_readable(struct spi_socket *socket);

#endif
