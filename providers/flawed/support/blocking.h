/* The six entries that can block, wrapped at once: what a flaw does before and after each. */
#ifndef WSPCTS_FLAWED_BLOCKING_H
#define WSPCTS_FLAWED_BLOCKING_H

#include "flawed/support/layer.h"

struct blocking_calls {
    /* Before a call; an error other than 0 is what the call fails with at once. May be NULL. */
    int (*before)(void);
    /* After a call, with its error or 0; returns the error to report, or 0. May be NULL. */
    int (*after)(int error);
};

void wrap_blocking_calls(WSPPROC_TABLE *table, struct blocking_calls calls);

#endif
