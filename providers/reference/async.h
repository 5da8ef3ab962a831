/*
 * WSPAsyncSelect: network events as messages, until it is asked for none, or WSPEventSelect takes
 * over, or the socket ends.
 */
#ifndef ASYNC_H
#define ASYNC_H

#include "sockets.h"

/* Watches an open socket as its traits say: 0 or an error. A socket that was accepted comes here,
 * too, for it has these from its listener. */
int async_start(struct socket *socket);

/* Ends the watch, if there is one. No message is posted any more when it returns. */
void async_stop(struct socket *socket);

#endif
