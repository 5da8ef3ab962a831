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
 * A stage on which `function` (WSPConnect, WSPAccept, WSPSelect, WSPRecv, WSPRecvFrom, WSPSend, or
 * WSPIoctl for SIO_ADDRESS_LIST_CHANGE) can only wait.
 */
struct stage *arrange_blocked(enum spi_function function, int family);

/* A stage for WSPRecv on a bound datagram socket, and one for WSPRecvFrom on a connection. */
struct stage *arrange_receive_of_a_datagram(int family);
struct stage *arrange_receive_from_a_stream(int family);

/* A stage for a WSPSelect that waits for room to write, on a full connection. */
struct stage *arrange_select_to_write(int family);

/*
 * A stage for a WSPIoctl that waits for a change of the machine's addresses or routes: the feature
 * says of which. Nothing lets it complete.
 */
struct stage *arrange_awaited_change(enum feature feature, int family);

/*
 * For a call that may be such a WSPIoctl, and was started: ends the case as not applicable or
 * inconclusive if the provider refused its code at once, as most refuse some (G5).
 */
void require_code_offered(const struct stage *stage, struct blocked_call *call);

/*
 * For such a WSPIoctl that waits: ends the case as not applicable if it calls nobody back, so that
 * nothing can cancel it. That it does call back is advice (BHK-01).
 */
void require_ioctl_called_back(struct blocked_call *call);

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

/*
 * The same; ends the case as not applicable if the provider has no such option (no page says that
 * it must), and as inconclusive if it does not take the value.
 */
void require_timeout(struct stage *stage, DWORD milliseconds);

/* Lets the stage's call complete from the other end: data, a connection, room. */
void stage_complete(struct stage *stage);

/* A connection between a socket of the provider and a peer. */
struct connection {
    struct spi_socket *local;
    struct peer *peer;
};

/* The provider connects to a listener of the peer's. */
struct connection arrange_connection(int family);

/* A stage for WSPRecv on a connection that there is; the peer has not sent anything on it. */
struct stage *stage_of_connection(struct spi_socket *socket, struct peer *peer);

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
