/* What blocked.c, which makes and watches calls, and joined.c, which judges them, know of one. */
#ifndef WSPCTS_HARNESS_BLOCKED_CALL_H
#define WSPCTS_HARNESS_BLOCKED_CALL_H

#include "harness/blocked.h"

struct blocked_call {
    struct blocked_call *next;
    struct client *client;
    struct operation *operation;
    struct callback_script script;
    struct spi_call *outer; /* in whose callback it is made, or NULL */
    struct spi_call *volatile spi;
    HANDLE progress; /* a callback began or ended, or holds still */
    HANDLE returned;
    HANDLE let_go;           /* a callback that holds still may go on */
    volatile LONG held;      /* it does or did hold still */
    volatile LONG held_long; /* and went on by itself */
    struct outcome outcome;
    struct outcome cancel;
    volatile LONG cancels;
    unsigned cancelled_at; /* the callback in which the last of them was made */
    unsigned calls_before; /* calls into the provider made by then */
    bool rescued;
};

const char *call_function_name(const struct blocked_call *call);

/* How long to wait for the call, in ms: less once its fuse has blown, for ever under a debugger. */
DWORD call_budget(const struct blocked_call *call, DWORD milliseconds);

/* Waits for a call whose callback cancels it; false if it had to be rescued. */
bool call_ends_by_cancel(struct blocked_call *call);

/* True if the callback is in a cancel that does not return; nothing that others do can end that. */
bool call_is_stuck_in_cancel(const struct blocked_call *call);

/* Only closing is sure on a socket whose call was cancelled (S18), except for accept and select. */
void call_note_interruption(struct blocked_call *call);

#endif
