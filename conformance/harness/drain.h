/*
 * A peer that reads all that comes. Whoever waits for a blocked send to return must not be the one
 * who reads, so the reading is done by a thread.
 */
#ifndef WSPCTS_HARNESS_DRAIN_H
#define WSPCTS_HARNESS_DRAIN_H

#include "harness/peer.h"

/* From now on the peer reads and throws away, until there is nothing more or it has ended. */
void drain_begin(struct peer *peer);

/*
 * Waits a moment until those that were begun have seen the end; false if one of them may still be
 * about to call its socket's provider. A thread that still waits on its socket when the process
 * ends leaves that socket behind in Wine's server, which then is busy with it for as long as it
 * lives.
 */
bool drains_leave(void);

#endif
