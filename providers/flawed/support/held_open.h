/* A socket that is in use stays open: what a provider does that counts references, and no more. */
#ifndef WSPCTS_FLAWED_HELD_OPEN_H
#define WSPCTS_FLAWED_HELD_OPEN_H

#include "flawed/support/layer.h"

/* Around a call on the socket; one such call at a time is kept in mind. */
void hold_open(SOCKET s);
void let_close(void);

/* From now on WSPCloseSocket on the socket of such a call returns 0, and closes after the call. */
void put_closes_off(WSPPROC_TABLE *table);

#endif
