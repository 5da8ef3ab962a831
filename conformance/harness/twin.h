/*
 * A second library: a copy of the provider's file, loaded under another name and started beside it.
 * The two share nothing but the process.
 */
#ifndef WSPCTS_HARNESS_TWIN_H
#define WSPCTS_HARNESS_TWIN_H

#include "harness/provider.h"

/*
 * Loads and starts it, for an entry of its own of the same kind. Ends the case as inconclusive if
 * the provider cannot be copied, or refuses to be there twice.
 */
struct entry *twin_start(enum entry_kind kind);

/* Cleans it up, unloads it and deletes the copy. */
void twin_end(void);

#endif
