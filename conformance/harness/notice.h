/*
 * Network events: a socket that is registered for one with WSPEventSelect or WSPAsyncSelect, the
 * other end that brings it about, and how the client hears of it.
 */
#ifndef WSPCTS_HARNESS_NOTICE_H
#define WSPCTS_HARNESS_NOTICE_H

#include "harness/mode.h"
#include "harness/stage.h"

/* The number of the message that tells of one. */
enum { NOTICE_MESSAGE = WM_APP + 3 };

struct notice {
    struct stage *stage;  /* whose socket is registered, and is non-blocking by that */
    enum mode_change how; /* BY_EVENT_SELECT or BY_ASYNC_SELECT */
    long events;          /* FD_READ, FD_ACCEPT, FD_CLOSE or FD_WRITE */
    WSAEVENT event;       /* or */
    HWND window;          /* of the thread that has registered it */
};

/*
 * Registers the socket of the stage for the event; what comes of it is judged under the demand.
 */
bool expect_registers(struct demand demand, struct notice *notice, struct stage *stage,
                      enum mode_change how, long events);

/* Withdraws that; judged under the demand. The socket is non-blocking still. */
bool expect_withdraws(struct demand demand, const struct notice *notice);

/*
 * A socket of its own, on which nothing has happened, registered for FD_READ, FD_ACCEPT, FD_CLOSE
 * or FD_WRITE. Ends the case as inconclusive if the provider does not register it (G5).
 */
struct notice arrange_notice(enum mode_change how, long events, int family);

/* The other end sends, connects, closes its end, or reads. */
void bring_about(struct notice *notice);

/*
 * The client hears of that within the budget `data`, with code 0; judged under the demand. To be
 * called on the thread that has registered it.
 */
bool expect_notice(struct demand demand, const struct notice *notice);

/*
 * The client has heard of nothing so far; judged under the demand, on the thread that has
 * registered it.
 */
bool expect_no_notice(struct demand demand, const struct notice *notice);

#endif
