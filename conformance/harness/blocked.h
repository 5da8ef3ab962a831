/*
 * A blocked call: started on a thread of the client, proved to be blocked, acted upon, joined by
 * a deadline, rescued if the provider does not let go of it.
 */
#ifndef WSPCTS_HARNESS_BLOCKED_H
#define WSPCTS_HARNESS_BLOCKED_H

#include "harness/callback.h"
#include "harness/operation.h"

struct blocked_call;

/*
 * Starts the operation on the client's thread; its callback does what the script says. The
 * operation must outlive the function of the case, as what is left of the call is looked at after
 * it.
 */
struct blocked_call *start_call(struct client *client, struct operation *operation,
                                struct callback_script script);

/*
 * The same in two steps, for a call that is made by what runs on the client's thread: by the
 * blocking callback of another call, whose script goes on when it has returned, or by a job, which
 * may make it again and again; what is known of it then is about the last time.
 */
struct blocked_call *plan_call(struct client *client, struct operation *operation,
                               struct callback_script script);
struct outcome make_planned_call(struct blocked_call *call);

/*
 * Proves that the call is blocked: by its `nth` callback, or in mode no-callback by not returning
 * within the budget `quiet`. Ends the case as inconclusive (G1, G2) if that cannot be shown.
 */
void prove_blocked(struct blocked_call *call, unsigned nth);

/*
 * Proves in mode no-callback that the call waits. A provider asks for the callback when its call
 * cannot finish at once, and only what its peer does can end the call then; one that does not ask
 * is taken to be blocked after the budget `quiet`. A call that fails instead of waiting is judged
 * by its outcome; for a connect, that may be its network's.
 */
void prove_native_wait(struct blocked_call *call);

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

/* For the callback. */
bool blocked_owns(const struct blocked_call *blocked, const struct spi_call *call);
const struct callback_script *blocked_script(const struct blocked_call *blocked);
void blocked_progress(struct blocked_call *blocked);
void blocked_hold(struct blocked_call *blocked);
void blocked_note_cancel(struct blocked_call *blocked, struct outcome outcome);

#endif
