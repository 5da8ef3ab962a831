/* The overlapped calls, wrapped at once: what a flaw does when one of them is pending. */
#ifndef WSPCTS_FLAWED_PENDING_H
#define WSPCTS_FLAWED_PENDING_H

#include "flawed/support/layer.h"

/* Called on the thread of the call, once it has returned with WSA_IO_PENDING. */
typedef void (*pending_act)(WSAOVERLAPPED *overlapped);

void wrap_pending_calls(WSPPROC_TABLE *table, pending_act act);

/* Ends a pending operation that has an event as if it had been called off, if it is still one. */
void abort_pending(WSAOVERLAPPED *overlapped);

#endif
