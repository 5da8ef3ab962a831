/* A WSPRecv that goes on when the client's call is over, for flaws that write to its memory. */
#ifndef WSPCTS_FLAWED_LEFT_BEHIND_H
#define WSPCTS_FLAWED_LEFT_BEHIND_H

#include "flawed/support/layer.h"

/* Leaves one behind; where it says how much it received, which may be the client's, or NULL. */
void leave_receive_behind(SOCKET s, const WSABUF *buffer, LPDWORD received);

#endif
