/*
 * The blocking callback (hook) of each thread. What it does is scripted by the case; it records
 * and returns, and never judges: a failed assertion may not jump over the provider's frames.
 */
#ifndef WSPCTS_HARNESS_CALLBACK_H
#define WSPCTS_HARNESS_CALLBACK_H

#include "harness/spi.h"

/* There are several functions, so that a stale one can be told from the right one. */
enum { CALLBACK_FUNCTIONS = 6 };

/* One turn of a callback, as a script sees it. */
struct callback_turn {
    struct blocked_call *blocked; /* the tested call, NULL if the thread makes none */
    struct spi_call *call;
    struct callback_record *record;
    unsigned nth; /* from 1 */
    void *argument;
};

/* Answers as the callback does: TRUE to go on waiting, FALSE if the call was cancelled. */
typedef BOOL (*callback_act)(struct callback_turn *turn);

/* Where the callback holds still until the case lets it go on (let_go), so that others act. */
enum hold { HOLDS_NOWHERE, HOLDS_BEFORE, HOLDS_AFTER };

/*
 * What the callback does at its `at`-th call in one blocking call (and at all later ones with
 * `every_time`); otherwise it answers TRUE. The argument must outlive the function of the case: a
 * call that is still blocked when that has left goes on calling back.
 */
struct callback_script {
    callback_act act;
    unsigned at;
    bool every_time;
    void *argument;
    enum hold hold; /* before or after the act, at its `at`-th call */
};

/* The same script, holding still before it acts, or after it acted. */
struct callback_script held_before(struct callback_script script);
struct callback_script held_after(struct callback_script script);

/*
 * Cancels, from within a turn, as the drive mode has it: `direct` through the proc table, `ws2_32`
 * through the context, and not again once it has worked in this turn.
 */
struct outcome callback_cancel(struct callback_turn *turn);
/* The same with an lpErrno of the caller's choice, if not NULL. */
struct outcome callback_cancel_into(struct callback_turn *turn, int *error_cell);

/* Ready-made acts. */
BOOL callback_goes_on(struct callback_turn *turn);
BOOL callback_cancels(struct callback_turn *turn);             /* then FALSE, as ws2_32 does */
BOOL callback_cancels_and_goes_on(struct callback_turn *turn); /* then TRUE */
BOOL callback_cancels_twice(struct callback_turn *turn);
/* For a cancel that may come too late: FALSE if it worked, else TRUE. */
BOOL callback_tries_to_cancel(struct callback_turn *turn);
/* Goes on until a case has set the LONG that is its argument; then cancels, once. */
BOOL callback_cancels_when_told(struct callback_turn *turn);

#define GOES_ON         ((struct callback_script){.act = callback_goes_on, .at = 1})
#define CANCELS_AT(nth) ((struct callback_script){.act = callback_cancels, .at = (nth)})
#define TRIES_TO_CANCEL ((struct callback_script){.act = callback_tries_to_cancel, .at = 1})
#define ACTS(function, value)                                                                      \
    ((struct callback_script){.act = (function), .at = 1, .argument = (value)})
#define CANCELS_WHEN_TOLD(told)                                                                    \
    ((struct callback_script){.act = callback_cancels_when_told,                                   \
                              .at = 1,                                                             \
                              .every_time = true,                                                  \
                              .argument = (void *)(told)})

/*
 * Sets what the thread's callback is: which function, and its context. In mode ws2_32 the context
 * is always the provider's own cancel entry. Threads have function 0 and a context that is theirs
 * alone unless this is called.
 */
void callback_set(struct harness_thread *thread, unsigned function, DWORD_PTR context);
void callback_remove(struct harness_thread *thread);

/* The context the thread's callback has to come back with, given the entry of the call. */
DWORD_PTR callback_expected_context(const struct harness_thread *thread, const struct entry *entry);

/* For the upcall: the function of a thread, NULL in mode no-callback. */
LPBLOCKINGCALLBACK callback_function(const struct harness_thread *thread);

/*
 * From now on a callback that comes on a thread of the provider's is taken for that of the blocked
 * thread whose function and context it has, and does what its script says. For cases that judge
 * what such a provider makes of it; that it is wrong is another case's business (BHK-05).
 */
void callback_take_foreign(void);

/* Callbacks that came on a thread with no call into the provider open. */
LONG callback_strays(void);

#endif
