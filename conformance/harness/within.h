/*
 * Within: calls that a blocking callback makes, beside the same calls made outside of any callback.
 * What they come to outside is their usual result; within, they may be refused besides, with
 * WSAEINPROGRESS (K3).
 */
#ifndef WSPCTS_HARNESS_WITHIN_H
#define WSPCTS_HARNESS_WITHIN_H

#include "harness/stage.h"

/* What calls are made on; two of the same kind, so that those made outside change nothing. */
struct within_cast {
    struct spi_socket *socket;       /* the one that the calls are about */
    struct spi_socket *fresh;        /* an unbound one, or NULL */
    struct sockaddr_storage address; /* where to connect to */
};

struct within_call {
    const char *what;
    /* Makes the call; `gave` is for what it gives beside its result, if that is comparable. */
    struct outcome (*make)(struct within_cast *cast, int *gave);
    bool builds_on_others; /* not judged once one before it was refused */
};

/* Ready-made ones: the name of the socket, its SO_TYPE. */
struct outcome within_get_name(struct within_cast *cast, int *gave);
struct outcome within_get_type(struct within_cast *cast, int *gave);

struct within;

/* Calls to be made on these casts, one after the other: outside, and within. */
struct within *within_arrange(const struct within_call *calls, unsigned count,
                              struct within_cast outside, struct within_cast inside);

/* Makes the calls outside, on the client's thread, which is in no call. */
void within_make_outside(struct within *within, struct client *client);

/* An act of a callback, with the `struct within` as its argument: makes them, and goes on. */
BOOL within_make_inside(struct callback_turn *turn);

/*
 * Waits for the callback of the blocked call, and judges what came of the calls made there under
 * the demand: each returned, with its usual result or WSAEINPROGRESS. False if one did not return.
 */
bool expect_usual_within(struct demand demand, struct within *within, struct blocked_call *outer);

/* What a call came to outside, which is its usual result. */
struct outcome within_usual(const struct within *within, unsigned index);

/* How many of the calls made within were refused with WSAEINPROGRESS, and how many there were. */
unsigned within_refused(const struct within *within);
unsigned within_made(const struct within *within);

#endif
