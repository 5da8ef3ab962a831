/* Calls that a client makes in its blocking callback: what a flaw does when one comes. */
#ifndef WSPCTS_FLAWED_NESTED_H
#define WSPCTS_FLAWED_NESTED_H

#include "flawed/support/layer.h"

/* Keeps account of the callbacks. */
void watch_callbacks(WSPUPCALLTABLE *upcalls);

/* The calling thread runs the client's blocking callback. */
bool is_in_callback(void);

/* How many calls it has made there, in the blocking call that it makes. */
unsigned nested_calls(void);

/*
 * Wraps what a client might call there. `refuse` is called first: it returns the error with which
 * the call fails, or 0. May be NULL.
 */
void wrap_nested_calls(WSPPROC_TABLE *table, int (*refuse)(void));

#endif
