/*
 * Others: calls on another socket that a blocking callback makes while its call is blocked. Each
 * can return at once but one, a WSPSelect whose short time runs out. What came of them is kept, and
 * judged when the callback is over.
 */
#ifndef WSPCTS_HARNESS_OTHERS_H
#define WSPCTS_HARNESS_OTHERS_H

#include "harness/stage.h"

struct others;

/* Another socket for the calls made in the callback of the stage's call, with bytes to receive. */
struct others *arrange_others(const struct stage *stage);
/* The same with the other socket's type, SOCK_STREAM or SOCK_DGRAM, told apart from the call's. */
struct others *arrange_others_of_type(int type, int family);

/* In the callback: makes them, one after the other. */
void make_others(struct others *others);

/*
 * Another thread has made them while the stage's call was in its callback: they have returned with
 * their usual results, for nothing forbids that thread anything; judged under the demand.
 */
bool expect_others_elsewhere(struct demand demand, struct others *others);

/*
 * They have returned, each with its usual result or refused with WSAEINPROGRESS (K3); judged under
 * the demand. False if one of them did not return.
 */
bool expect_others(struct demand demand, struct others *others, struct blocked_call *outer);

/* The same where each of them has to be refused, as in version 1.1. */
bool expect_others_refused(struct demand demand, struct others *others, struct blocked_call *outer);

#endif
