/*
 * Pseudo-blocking: one loop, in which every blocking call of this provider waits.
 *
 * A call that can block fills in a struct blocking_call and gives it to wait_until_done. What is
 * particular to it, how to try and what to wait for, are two functions; callback, cancel, time-out
 * and the end of the socket are the loop's business.
 */
#ifndef WAIT_H
#define WAIT_H

#include <stdbool.h>
#include <winsock2.h>

#include "sockets.h"

struct blocking_call {
    /* Tries the operation without waiting: 0, WSAEWOULDBLOCK for "not yet", or another error. */
    int (*attempt)(struct blocking_call *call);
    /* Returns when a new attempt is worth while, or after that many milliseconds. A hint: it may
     * return early. Alertable, so that an APC can cancel (CBC-23). */
    void (*wait)(struct blocking_call *call, DWORD milliseconds);

    struct socket *socket; /* the one that the waits below wait for */
    DWORD catalog_entry;   /* whose blocking callback to ask for */
    bool may_block;        /* otherwise WSAEWOULDBLOCK is the answer */
    ULONGLONG timeout;     /* milliseconds from the start of the call, or WAIT_FOREVER */
};

#define WAIT_FOREVER (~0ULL)

/* The result of the last attempt, or WSAEINTR if cancelled, or WSAETIMEDOUT. */
int wait_until_done(struct blocking_call *call);

/* The usual ways to wait: for something to read, for out-of-band data, for room to write, for a
 * connect to end. */
void wait_readable(struct blocking_call *call, DWORD milliseconds);
void wait_urgent(struct blocking_call *call, DWORD milliseconds);
void wait_writable(struct blocking_call *call, DWORD milliseconds);
void wait_connected(struct blocking_call *call, DWORD milliseconds);

/* The client's SO_RCVTIMEO and SO_SNDTIMEO: 0 means none. */
static inline ULONGLONG wait_timeout(DWORD milliseconds)
{
    return milliseconds == 0 ? WAIT_FOREVER : milliseconds;
}

#endif
