/*
 * A forerunner: a process that does the same case before this one does, up to some point, and is
 * killed there. It has no evidence; what it leaves behind is what the case is about.
 */
#ifndef WSPCTS_HARNESS_FORERUNNER_H
#define WSPCTS_HARNESS_FORERUNNER_H

#include "harness/winsock.h"

/* Whether this is the forerunner. */
bool is_forerunner(void);

/* In the forerunner, on any thread: it has come to the point. */
void forerunner_stays_here(void) __attribute__((noreturn));

/*
 * In the process that comes after: starts the forerunner, and kills it at that point; false if it
 * does not come so far. Ends the case as an error if it cannot be started or killed.
 */
bool run_and_kill_forerunner(int family);

/*
 * A loopback address of that family, the same in both, with a port that the system gives to nobody
 * unasked; in the process that comes after, once there was a forerunner.
 */
struct sockaddr_storage forerunner_address(void);

#endif
