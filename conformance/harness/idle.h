/* Cancels on threads that are in no call, and have nothing to cancel. */
#ifndef WSPCTS_HARNESS_IDLE_H
#define WSPCTS_HARNESS_IDLE_H

#include "harness/expect.h"
#include "harness/provider.h"
#include "harness/thread.h"

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

#endif
