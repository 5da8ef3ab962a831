/*
 * Calls that never wait, whatever there is to wait for: each is made on a thread of the client, and
 * timed.
 */
#ifndef WSPCTS_HARNESS_PROMPT_H
#define WSPCTS_HARNESS_PROMPT_H

#include "harness/case.h"

/* Makes a call ready, on sockets of its own. */
typedef struct operation (*call_maker)(const struct case_row *row);

/*
 * The call returns within the budget `quiet`; judged under the demand. As a busy machine may hold
 * up any one call, one that took longer is made anew, a few times. The last of them, for its
 * outcome and its callbacks; NULL if it did not return.
 */
struct blocked_call *expect_at_once(struct demand demand, const char *what, struct client *client,
                                    call_maker make, const struct case_row *row);

/* The call has called nobody back; judged under the demand. */
bool expect_uncalled(struct demand demand, const char *what, const struct blocked_call *call);

/* Makes a call that is no operation of its own known to the harness, on the socket. */
struct operation operation_made_by(enum spi_function function, struct spi_socket *socket,
                                   struct outcome (*make)(struct operation *operation));

/*
 * A connection of the provider's with data that is sent and has not gone out, as its peer does not
 * read: the stage of a WSPSend that can only wait.
 */
struct stage *arrange_unsent(int family);

/* As an operation on the stage's socket: once the peer reads, it has nothing to wait for. */
struct operation with_peer_reading(struct operation operation, struct stage *stage);

/*
 * Sets SO_LINGER, or ends the case as inconclusive if the provider does not take it (G5). The
 * clean-up does not linger.
 */
void require_linger(struct spi_socket *socket, bool on, unsigned short seconds);

#endif
