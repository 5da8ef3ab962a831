/*
 * The classic client with windows: its blocking callback pumps the thread's messages, and what it
 * does to a blocked call it does in a window procedure (S8).
 */
#ifndef WSPCTS_HARNESS_PUMP_H
#define WSPCTS_HARNESS_PUMP_H

#include "harness/blocked.h"
#include "harness/window.h"

/*
 * Opens a window on the client's thread; ends the case as inconclusive if there is none to be had.
 * One a case: the turn below belongs to its thread.
 */
struct message_window *pump_window(struct client *client, message_act act);

/* Posts a message to it, or ends the case as inconclusive. */
void pump_post(struct message_window *window, void *argument);

/* Sends one to it, and does not wait for the answer, or ends the case as inconclusive. */
void pump_send(struct message_window *window, void *argument);

/* An act of a callback: dispatches what is there, and answers as ws2_32 does, which wraps it. */
BOOL pump_messages(struct callback_turn *turn);

/* For the window procedure: the turn in which the thread pumps, or NULL if it does not. */
struct callback_turn *pump_turn(void);

/* The callback has dispatched a message to the window; ends the case as inconclusive if not. */
void require_pumped(const struct message_window *window);

#endif
