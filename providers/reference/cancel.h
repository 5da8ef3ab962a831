/*
 * What a thread is doing inside the provider, and how it is told to stop.
 *
 * Each call that can block keeps a frame on its own stack; the thread's TLS slot points to the
 * innermost. So there is nothing to allocate, nothing to free when a thread ends, nothing another
 * thread could reach (THR-02), and nothing left over for a later call: the flag dies with the call
 * it was meant for (STICKY-01, THR-04).
 */
#ifndef CANCEL_H
#define CANCEL_H

#include <stdbool.h>

struct cancel_frame {
    struct cancel_frame *outer; /* the call from whose callback this one was made, or NULL */
    bool blocked;   /* it could not finish at once: it is an outstanding blocking call */
    bool cancelled; /* WSPCancelBlockingCall was called for it */
};

/* The TLS slot lives from the first WSPStartup to the last WSPCleanup. */
bool cancel_initialise(void);
void cancel_uninitialise(void);

void cancel_enter(struct cancel_frame *frame);
void cancel_leave(const struct cancel_frame *frame);

/* Whether the calling thread is inside a call that can block, that is, in client code called by
 * the provider. */
bool cancel_is_inside(void);

#endif
