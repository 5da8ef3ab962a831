/*
 * The only list of the cases, one line each: the folder and the file below conformance/cases.
 * The gates stand first; the order is the order of a run.
 */
#ifndef WSPCTS_CASES_H
#define WSPCTS_CASES_H

#define CASES(X)                                                                                   \
    X(startup, starts)                                                                             \
    X(startup, opens_closes_and_cleans_up)                                                         \
    X(callback, is_called_while_blocked)                                                           \
    X(cancel, ends_the_blocked_call)                                                               \
    X(accept, listener_still_listens)

#endif
