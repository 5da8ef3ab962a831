/* Which sockets the client has made non-blocking with FIONBIO. */
#ifndef WSPCTS_FLAWED_NONBLOCKING_H
#define WSPCTS_FLAWED_NONBLOCKING_H

#include "flawed/support/layer.h"

/* For a flaw's change_table; a few sockets are kept in mind. */
void watch_nonblocking(WSPPROC_TABLE *table);

bool is_nonblocking(SOCKET s);

#endif
