/* The ways in which a client makes a socket non-blocking. */
#ifndef WSPCTS_HARNESS_MODE_H
#define WSPCTS_HARNESS_MODE_H

#include "harness/spi.h"

enum mode_change { BY_IOCTL, BY_EVENT_SELECT, BY_ASYNC_SELECT };

/*
 * Makes the socket non-blocking: with FIONBIO, or by registering it for all network events. Ends
 * the case as inconclusive if the provider does not take it (G5). Messages go to a window of the
 * calling thread, and stay in its queue.
 */
void require_nonblocking(struct spi_socket *socket, enum mode_change how);

/* Withdraws the registration, which leaves the socket non-blocking; otherwise as above. */
void require_registration_withdrawn(struct spi_socket *socket, enum mode_change how);

#endif
