/*
 * Stages: everything a case needs before its first line. A stage for a blocking call holds a
 * socket of the provider on which the call can only wait, and the other end that could let it
 * complete. What cannot be set up ends the case as inconclusive or as an error, never as a failure.
 */
#ifndef WSPCTS_HARNESS_STAGE_H
#define WSPCTS_HARNESS_STAGE_H

#include "harness/blocked.h"
#include "harness/peer.h"

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
 * A stage whose socket is non-blocking and has a connect under way, to a listener whose backlog is
 * full. It has no operation.
 */
struct stage *arrange_pending_connect(int family);

/* Makes room for that connect; it comes through when the system tries again, in a second or so. */
void let_pending_connect_through(struct stage *stage);

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

/*
 * Lets the stage's call complete, and judges under the demand that it does so with all that
 * belongs to it: the bytes, the connection, the socket in the set.
 */
bool expect_completes(struct demand demand, struct stage *stage, struct blocked_call *call);

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

/* The socket is the connection of numbered arrival `number`, from 0; judged under the demand. */
bool expect_arrival(struct demand demand, struct spi_socket *accepted, unsigned number);

/*
 * Bytes go both ways over a connection; judged under the demand. True if they arrived whole.
 */
bool expect_echo(struct demand demand, const char *what, struct spi_socket *local,
                 struct peer *peer);

/* The next `count` bytes that the socket receives are these; judged under the demand. */
bool expect_receives(struct demand demand, const char *what, struct spi_socket *socket,
                     const void *bytes, size_t count);

/* The next accept gives a connection; judged under the demand, NULL if it does not. */
struct spi_socket *expect_accepts(struct demand demand, const char *what,
                                  struct spi_socket *listener);

/*
 * WSPCloseSocket returns 0, and within the budget `cancel`; judged under the demand, on a thread of
 * its own, as it may wait for what it should not wait for.
 */
bool expect_closes(struct demand demand, const char *what, struct spi_socket *socket);

/*
 * WSPSelect with a timeout of zero says that the socket is readable, or that it is not; judged
 * under the demand.
 */
bool expect_readable(struct demand demand, const char *what, struct spi_socket *socket,
                     bool readable);

/* WSPSelect without a timeout says that the socket is readable; judged under the demand. */
bool expect_becomes_readable(struct demand demand, const char *what, struct spi_socket *socket);

/* Waits with select {0,0} rounds of the provider until the socket is readable. */
bool wait_until_readable(struct spi_socket *socket);

#endif
