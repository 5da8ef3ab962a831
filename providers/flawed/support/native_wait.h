/* Whether a thread waits natively: in a blocking call for which it was given no callback. */
#ifndef WSPCTS_FLAWED_NATIVE_WAIT_H
#define WSPCTS_FLAWED_NATIVE_WAIT_H

#include "flawed/support/layer.h"

/* Of the calling thread. What it does meanwhile, it does in an APC. */
extern __thread volatile bool waits_natively;

/* For a flaw's change_upcalls, and to be called by its change_table. */
void watch_queries(WSPUPCALLTABLE *upcalls);
void watch_native_waits(WSPPROC_TABLE *table);

#endif
