/*
 * A blocked call: started on a thread of the client, proved to be blocked, acted upon, joined by
 * a deadline, rescued if the provider does not let go of it.
 */
#ifndef WSPCTS_HARNESS_BLOCKED_H
#define WSPCTS_HARNESS_BLOCKED_H

#include "harness/callback.h"
#include "harness/operation.h"

struct blocked_call;

/* Starts the operation on the client's thread; its callback does what the script says. */
struct blocked_call *start_call(struct client *client, struct operation *operation,
                                struct callback_script script);

/*
 * Proves that the call is blocked: by its `nth` callback, or in mode no-callback by not returning
 * within the budget `quiet`. Ends the case as inconclusive (G1, G2) if that cannot be shown.
 */
void prove_blocked(struct blocked_call *call, unsigned nth);

/*
 * Proves that the call is blocked, and that its callback holds still as its script says: what the
 * case does now happens inside that callback.
 */
void prove_held(struct blocked_call *call);

/* Waits until the callback holds still; false if it does not come so far, or the call returns. */
bool wait_for_hold(struct blocked_call *call);

/*
 * Lets the callback go on. Ends the case as inconclusive if it went on by itself before, because
 * the budget `data` had run out.
 */
void let_go(struct blocked_call *call);

/* Waits for the `nth` callback to begin; false if the call returned or the budget ran out first. */
bool wait_for_callback(struct blocked_call *call, unsigned nth, DWORD milliseconds);

/* Waits for the `nth` callback to have returned to the provider. */
bool wait_for_callback_end(struct blocked_call *call, unsigned nth, DWORD milliseconds);

/* Waits until the call has asked for its thread's blocking callback. */
bool wait_for_query(struct blocked_call *call, DWORD milliseconds);

/* Waits for the call to return; false after `milliseconds`. */
bool wait_for_return(struct blocked_call *call, DWORD milliseconds);

bool call_returned(const struct blocked_call *call);
struct outcome call_outcome(const struct blocked_call *call);
struct spi_call *call_record(const struct blocked_call *call);
unsigned call_callbacks(const struct blocked_call *call);

/* The outcome of the last cancel made for this call, and how many were made. */
struct outcome call_cancel_outcome(const struct blocked_call *call);
unsigned call_cancels(const struct blocked_call *call);

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

/*
 * For a call that has served its purpose once it was called back: a script that goes on waiting,
 * and what ends the call afterwards, judging nothing. A peer lets a connect complete only when the
 * transport tries again, after a second: so a connect is cancelled, by its `nth` callback.
 */
struct callback_script goes_on_until(const struct operation *operation, unsigned nth);
void release_call(struct blocked_call *call);

/* Ends a call that would not end: its peer, then closing its socket. False if nothing helped. */
bool rescue(struct blocked_call *call);

/* Rescues every call that is still under way; the name of one that is stuck for good, or NULL. */
const char *rescue_all(void);

/*
 * Cancels on the client's thread, which is in no call. Ends the case if the cancel does not return
 * within the budget `cancel` (CBC-25).
 */
struct outcome idle_cancel_on(struct client *client, struct entry *entry);

/*
 * Judges a cancel on a thread that has nothing to cancel: it fails with WSAEINVAL (S6). A provider
 * that never says so is reported once, by the gate cancel/idle_after_startup.
 */
bool expect_nothing_to_cancel(struct demand demand, const char *what, struct outcome cancel);

/* For the callback. */
bool blocked_owns(const struct blocked_call *blocked, const struct spi_call *call);
const struct callback_script *blocked_script(const struct blocked_call *blocked);
void blocked_progress(struct blocked_call *blocked);
void blocked_hold(struct blocked_call *blocked);
void blocked_note_cancel(struct blocked_call *blocked, struct outcome outcome);

#endif
