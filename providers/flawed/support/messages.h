/* For flaws and variants that meddle with the messages of the client's threads. */
#ifndef WSPCTS_FLAWED_MESSAGES_H
#define WSPCTS_FLAWED_MESSAGES_H

#include "flawed/support/layer.h"

/* The program has loaded user32, which the provider itself does without. */
bool has_windows(void);

/* Takes the next message out of the calling thread's queue; false if there is none. */
bool take_message(MSG *message);

/* To its window's procedure. */
void dispatch_message(const MSG *message);

/* Puts it at the end of the calling thread's queue; the second of them, one that is for no window.
 */
void put_message_back(const MSG *message);
void put_thread_message_back(const MSG *message);

/*
 * Lets calls without a blocking callback run one of the provider's own, at each turn of their
 * native wait; for change_upcalls.
 */
void run_in_native_waits(WSPUPCALLTABLE *upcalls, void (*turn)(void));

/* The same, to dispatch what the thread's queue holds; and whether the calling thread does so now.
 */
void dispatch_in_native_waits(WSPUPCALLTABLE *upcalls);
bool dispatches_messages(void);

#endif
