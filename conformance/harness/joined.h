/* Blocked calls that come to their end, or do not: waited for, and judged. */
#ifndef WSPCTS_HARNESS_JOINED_H
#define WSPCTS_HARNESS_JOINED_H

#include "harness/blocked.h"

/*
 * Joins a call whose callback cancels it, and judges: the cancel returned 0 (CBC-01), the call
 * ended in time and with WSAEINTR (the demand given), and WSAEINTR only after a cancel that worked
 * (RACE-05). True if it ended with WSAEINTR, so that the state afterwards can be looked at;
 * if not, what rests on it would be inconclusive, and a case should return.
 */
bool join_cancelled(struct blocked_call *call, struct demand demand);

/* As join_cancelled, but ends the case if the call did not end with WSAEINTR. */
void require_cancelled(struct blocked_call *call);

/*
 * As join_cancelled, but judges nothing: ends the case as inconclusive if the cancel did not return
 * 0, or if the call did not fail after it. With what code it fails is left to the case.
 */
struct outcome require_failed_by_cancel(struct blocked_call *call);

/*
 * Joins a call whose callback cancelled it while something else let it complete (S22, S23): it
 * ends with WSAEINTR or as if it had never been cancelled, and both are in the set given. A cancel
 * may have come too late; whether this one may is `late_cancel`. True if the outcome was
 * acceptable.
 */
bool join_raced(struct blocked_call *call, bool late_cancel, struct demand demand,
                const struct acceptable *set);

/*
 * Joins a call that something else has made complete, within the budget `data`, and judges its
 * outcome. True if it was acceptable.
 */
bool join_completed(struct blocked_call *call, struct demand demand, const struct acceptable *set);

/* Shows that the call is still blocked: `more` further callbacks, or silence for `quiet`. */
bool expect_still_blocked(struct blocked_call *call, struct demand demand, const char *what);

#endif
