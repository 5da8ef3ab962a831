/* For flaws that act when a cancelled call could have completed. */
#ifndef WSPCTS_FLAWED_READABLE_H
#define WSPCTS_FLAWED_READABLE_H

#include "flawed/support/layer.h"

/* Bytes, a datagram or a connection are waiting on the socket. */
bool is_readable(SOCKET socket);

#endif
