/*
 * The upcall table that a later WSPStartup replaces: of the same fifteen upcalls, which work like
 * the others, but count whoever comes by.
 */
#ifndef WSPCTS_HARNESS_REPLACED_H
#define WSPCTS_HARNESS_REPLACED_H

#include "harness/winsock.h"

WSPUPCALLTABLE replaced_upcall_table(void);

/* How many upcalls came through it. */
LONG replaced_upcalls(void);
/* How often this one did. */
LONG replaced_upcall_count(enum upcall upcall);

#endif
