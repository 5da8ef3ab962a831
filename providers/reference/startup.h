/*
 * The life of the provider in a process: counted start-ups and clean-ups, and the gate which every
 * call passes, so that the last WSPCleanup knows when nobody is inside any more.
 */
#ifndef STARTUP_H
#define STARTUP_H

#include <winsock2.h>

/* Passes the gate inwards: 0, WSANOTINITIALISED, or WSAEINPROGRESS for a call in the blocking
 * callback of version 1.1. Each success is paired with startup_leave. */
int startup_enter(void);
/* The same for WSPCancelBlockingCall, which is there for blocking callbacks. */
int startup_enter_to_cancel(void);
void startup_leave(void);

/* The catalog entry for which the provider was started last. */
void startup_protocol(WSAPROTOCOL_INFOW *protocol);

#endif
