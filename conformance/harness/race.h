/*
 * Races: calls that are cancelled about when something else lets them complete (S22, S23). Either
 * may win; what the loser may not do is for the cases.
 */
#ifndef WSPCTS_HARNESS_RACE_H
#define WSPCTS_HARNESS_RACE_H

#include "harness/stage.h"

/* When the call can complete: before the callback cancels, before it returns, or about then. */
enum moment { BEFORE_THE_CANCEL, AFTER_THE_CANCEL, WITH_THE_CANCEL, MOMENTS };

/*
 * The client blocks in the stage's call, and the callback cancels; at that moment the other end
 * lets the call complete. Ends the case as inconclusive if the call cannot be shown to block.
 */
struct blocked_call *race_cancel(struct client *client, struct stage *stage, enum moment moment);

/*
 * Joins that call, and judges under the demand that it ends as it would have without the cancel, or
 * with WSAEINTR; and as CBC-01 that the cancel says 0, or WSAEINVAL where it may have come too
 * late. True if so.
 */
bool join_race(struct blocked_call *call, const struct stage *stage, enum moment moment,
               struct demand demand);

#endif
