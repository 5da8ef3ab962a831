/*
 * Sockets on which a call was cancelled and which do nothing any more but close (S17, S18).
 */
#ifndef WSPCTS_VARIANT_SPENT_H
#define WSPCTS_VARIANT_SPENT_H

#include "variants/support/variant.h"

/* The hooks: every call but closing fails on a spent socket, with `error`. */
int spent_before(const struct call *call, int error);
int spent_after(struct call *call, int error);

#endif
