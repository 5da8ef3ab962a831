/* For flaws that call the blocking callback where there is nothing to wait for. */
#ifndef WSPCTS_FLAWED_CALL_BACK_H
#define WSPCTS_FLAWED_CALL_BACK_H

#include "flawed/support/layer.h"

/* A flaw's start: remembers for which catalog entry the callback is asked. */
int start_to_call_back(WORD version, LPWSPDATA data, LPWSAPROTOCOL_INFOW info,
                       WSPUPCALLTABLE upcalls, LPWSPPROC_TABLE table);

/* Calls the blocking callback of this thread once, if there is one. */
void call_back_once(void);

/* A connection whose data has not gone out yet, as its peer does not read. */
bool has_unsent_data(SOCKET s);

/* Waits without callbacks until that data has gone out, for so long at most, in milliseconds. */
void wait_until_sent(SOCKET s, DWORD longest);

/* The socket's SO_LINGER setting; off if it has none. */
struct linger linger_of(SOCKET s);

#endif
