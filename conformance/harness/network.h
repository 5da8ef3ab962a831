/*
 * The network that the provider stands on, brought down and up as its description says: by a
 * command for each, or by a function that the provider exports,
 *
 *     int WSPAPI NAME(BOOL up);
 *
 * which returns 0 once it is done. Both have the budget `data`. What happens is noted in the
 * evidence, so that the orchestration can bring the network up where this process could not.
 */
#ifndef WSPCTS_HARNESS_NETWORK_H
#define WSPCTS_HARNESS_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Ends the case as not applicable if the description names no way, and as inconclusive if it names
 * a function that is not there.
 */
void network_require(void);

/* Each ends the case as inconclusive if that does not work. */
void network_bring_down(void);
void network_bring_up(void);

/* Whatever happened in the case: the network is up when this returns, or that is an error. */
void network_leave_up(void);

/* True if it was down, or about to go or to come, at any time between two moments of the evidence.
 */
bool network_was_down(int64_t from, int64_t to);

/*
 * The same in a process that runs no case and writes no evidence; if it does not work false, and
 * one sentence that says why. Its deadline is that of whoever started the process.
 */
bool network_bring_up_alone(char *complaint, size_t size);

#endif
