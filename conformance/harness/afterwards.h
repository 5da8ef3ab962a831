/*
 * Afterwards: what sockets still do once a call on them was cancelled, or completed. Each function
 * judges under the demand of the case and says whether it was met. What may wait is done on a
 * thread of its own, so that a provider that gets it wrong does not hold up the case.
 */
#ifndef WSPCTS_HARNESS_AFTERWARDS_H
#define WSPCTS_HARNESS_AFTERWARDS_H

#include "harness/stage.h"

/*
 * Lets the stage's call complete, and judges under the demand that it does so with all that
 * belongs to it: the bytes, the connection, the socket in the set.
 */
bool expect_completes(struct demand demand, struct stage *stage, struct blocked_call *call);

/* The same once the case has let it complete (stage_complete). */
bool expect_completed(struct demand demand, struct stage *stage, struct blocked_call *call);

/* Judges whom a WSPRecvFrom that has succeeded names as the sender of its datagram. */
bool expect_sender(struct demand demand, const char *what, const struct operation *receive,
                   const struct peer *from);

/*
 * As expect_completes, for a call that was never cancelled. What a full backlog comes to in the end
 * is the transport's affair: a connect may be refused, too, and takes a second.
 */
bool expect_ends(struct demand demand, struct stage *stage, struct blocked_call *call);

/*
 * Makes the stage's call as an overlapped one on the client's thread. One that does not return
 * within the budget `cancel`, as it should at once, is released.
 */
struct blocked_call *begin_overlapped(struct client *client, struct stage *stage,
                                      enum completion how);
/*
 * Ends the case as not applicable or inconclusive if the call is not pending now (G5, G1). Which
 * codes WSPIoctl knows, and in which form, is the provider's choice.
 */
void require_pending(const struct stage *stage, const struct blocked_call *call);
/* Both. */
void begin_pending(struct client *client, struct stage *stage, enum completion how);

/*
 * The client has not been told that the pending call is complete; or it was told of what may have
 * come by itself: room for a send, or, without an error, a change that a WSPIoctl waits for. Judged
 * under the demand.
 */
bool expect_still_pending(struct demand demand, const char *what, struct stage *stage);

/*
 * Lets the pending call complete, and judges under the demand that the client hears of it, with
 * all that belongs to it.
 */
bool expect_pending_completes(struct demand demand, struct stage *stage, struct client *client);

/*
 * For a case about such a call: that one completes as it should where nothing happens to it, on a
 * socket of its own. Nobody can let a WSPIoctl complete, so of that it is not asked.
 */
bool another_pending_completes(struct client *client, enum spi_function function, int family,
                               enum completion how);

/* What became of an overlapped operation whose socket was closed while it was pending. */
struct closed_pending {
    bool told;         /* its event was set or its routine run, within the budget `data` */
    bool status_known; /* else only the provider could be asked, which knows the socket no more */
    int status;        /* an error of Windows Sockets, or 0 */
};

/*
 * Closes the socket of the stage, whose overlapped operation is pending, and waits for the word of
 * it on the client's thread. Ends the case as inconclusive if the operation is complete before
 * that, or if the socket cannot be closed.
 */
struct closed_pending close_while_pending(struct stage *stage, struct client *client);

/* The socket is the connection of numbered arrival `number`, from 0; judged under the demand. */
bool expect_arrival(struct demand demand, struct spi_socket *accepted, unsigned number);

/*
 * Bytes go both ways over a connection; judged under the demand. True if they arrived whole.
 */
bool expect_echo(struct demand demand, const char *what, struct spi_socket *local,
                 struct peer *peer);

/*
 * A blocking WSPRecv over a connection, on the client's thread, waits until the peer sends, and
 * gives that; judged under the demand.
 */
bool expect_waits_for_peer(struct demand demand, const char *what, struct client *client,
                           struct spi_socket *local, struct peer *peer);

/* The next `count` bytes that the socket receives are these; judged under the demand. */
bool expect_receives(struct demand demand, const char *what, struct spi_socket *socket,
                     const void *bytes, size_t count);

/* The next accept gives a connection; judged under the demand, NULL if it does not. */
struct spi_socket *expect_accepts(struct demand demand, const char *what,
                                  struct spi_socket *listener);

/*
 * The connect under way on the stage's non-blocking socket comes through: WSPSelect on the client's
 * thread says so, and the connection carries bytes both ways; judged under the demand.
 */
bool expect_comes_through(struct demand demand, struct client *client, struct stage *stage);

/*
 * Calls like that of the stage `beside` complete on it, one after the other, on the client's
 * thread. What was sent before them has then had the time to arrive, and whoever waits for it in
 * secret the time to be woken; once the memory of the cancelled operation has changed, there is
 * nothing more to wait for.
 */
void messages_pass_beside(struct stage *beside, struct client *client,
                          const struct operation *cancelled);

/* The memory of a call is as the client has left it (operation_poison_anew); judged under the
 * demand. */
bool expect_memory_untouched(struct demand demand, const struct operation *operation);

/*
 * WSPCloseSocket returns 0, and within the budget `cancel`; judged under the demand, on a thread of
 * its own, as it may wait for what it should not wait for.
 */
bool expect_closes(struct demand demand, const char *what, struct spi_socket *socket);
/* The same on a thread of the case's choice. */
bool expect_closes_on(struct client *client, struct demand demand, const char *what,
                      struct spi_socket *socket);

/*
 * A connection of a cancelled connect whose socket was closed ends at the peer; judged under the
 * demand. The provider has the budget `late` for that (S13): where the case has less patience, a
 * connection that still lives is inconclusive.
 */
bool expect_ended_for_peer(struct demand demand, const char *what, struct peer *peer,
                           DWORD patience);

/*
 * WSPSelect with a timeout of zero says that the socket is readable, or that it is not; judged
 * under the demand.
 */
bool expect_readable(struct demand demand, const char *what, struct spi_socket *socket,
                     bool readable);

/* WSPSelect without a timeout says that the socket is readable; judged under the demand. */
bool expect_becomes_readable(struct demand demand, const char *what, struct spi_socket *socket);

#endif
