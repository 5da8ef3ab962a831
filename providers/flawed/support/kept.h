/* Connections that the provider goes on holding, whatever its client closes. */
#ifndef WSPCTS_FLAWED_KEPT_H
#define WSPCTS_FLAWED_KEPT_H

#include "flawed/support/layer.h"

/* A second handle of the system for the socket's connection; INVALID_SOCKET if there is none. */
SOCKET keep_connection(SOCKET s);

#endif
