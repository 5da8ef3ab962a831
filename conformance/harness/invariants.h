/*
 * What holds for every call of every case, whatever the case is about: WSAEINTR comes from a cancel
 * only (RACE-05), the memory of a call is left alone once it has returned (RECV-02), lpErrno is one
 * INT (CBC-04), and a network that is up is not reported as down (NETDOWN-01).
 */
#ifndef WSPCTS_HARNESS_INVARIANTS_H
#define WSPCTS_HARNESS_INVARIANTS_H

/* Judges all calls made so far; at the end of the case, once. */
void judge_all_calls(void);

#endif
