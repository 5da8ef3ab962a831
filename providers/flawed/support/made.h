/* The connections that the client has made, for flaws that meddle with those of others. */
#ifndef WSPCTS_FLAWED_MADE_H
#define WSPCTS_FLAWED_MADE_H

#include "flawed/support/layer.h"

/* Notes each connection from now on. */
void note_connections(WSPPROC_TABLE *table);

/* Ends them in order, all but that of this socket; INVALID_SOCKET spares none. */
void end_connections_but(SOCKET s);

#endif
