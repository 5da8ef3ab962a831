/*
 * Others: calls on another socket that a blocking callback makes while its call is blocked. Each is
 * one that can return at once. What came of them is kept, and judged when the callback is over.
 */
#ifndef WSPCTS_HARNESS_OTHERS_H
#define WSPCTS_HARNESS_OTHERS_H

#include "harness/stage.h"

struct others;

/* Another socket for the calls made in the callback of the stage's call, with bytes to receive. */
struct others *arrange_others(const struct stage *stage);

/* In the callback: makes them, one after the other. */
void make_others(struct others *others);

/*
 * They have returned, each with its usual result or refused with WSAEINPROGRESS (K3); judged under
 * the demand. False if one of them did not return.
 */
bool expect_others(struct demand demand, struct others *others, struct blocked_call *outer);

#endif
