/*
 * Variants that do something after the provider beneath has let go of a call: the last WSPCleanup
 * has to wait for that as well, for the DLL may be unloaded when it returns (CLEANUP-03).
 */
#ifndef WSPCTS_VARIANT_LEAVING_H
#define WSPCTS_VARIANT_LEAVING_H

#include "variants/support/variant.h"

/* Around what the layer does for a call. */
void layer_entered(void);
void layer_left(void);

/* After a WSPCleanup that succeeded: waits for the others if it was the last. */
void wait_for_layer(void);

/* True if the provider is started up. */
bool is_started(void);

#endif
