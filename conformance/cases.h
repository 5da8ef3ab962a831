/*
 * The only list of the cases, one line each: the folder and the file below conformance/cases.
 * The gates stand first; the order is the order of a run.
 */
#ifndef WSPCTS_CASES_H
#define WSPCTS_CASES_H

#define CASES(X)                                                                                   \
    X(startup, starts)                                                                             \
    X(startup, opens_closes_and_cleans_up)                                                         \
    X(startup, exports_its_entry_point)                                                            \
    X(startup, negotiates_its_version)                                                             \
    X(startup, fills_the_proc_table)                                                               \
    X(cancel, idle_after_startup)                                                                  \
    X(callback, is_called_at_all)                                                                  \
    X(callback, is_called_while_blocked)                                                           \
    X(cancel, ends_the_blocked_call)                                                               \
    X(cancel, says_wsaeintr)                                                                       \
    X(cancel, ends_the_call_promptly)                                                              \
    X(cancel, ends_the_callbacks)                                                                  \
    X(cancel, writes_one_int)                                                                      \
    X(sticky, cancel_spares_the_next_call)                                                         \
    X(sticky, two_cancels_spare_the_next_call)                                                     \
    X(cancel, idle_stores_a_code)                                                                  \
    X(cancel, idle_writes_one_int)                                                                 \
    X(cancel, idle_after_completion)                                                               \
    X(cancel, idle_after_a_cancelled_call)                                                         \
    X(sticky, early_cancels_spare_the_first_call)                                                  \
    X(sticky, idle_cancel_spares_the_next_call)                                                    \
    X(thread, cancel_ends_its_own_call)                                                            \
    X(thread, idle_one_cancels_nothing)                                                            \
    X(race, only_a_cancel_interrupts)                                                              \
    X(callback, is_called_again_and_again)                                                         \
    X(callback, gets_its_context)                                                                  \
    X(callback, is_asked_for_by_its_entry)                                                         \
    X(callback, runs_on_the_blocking_thread)                                                       \
    X(callback, belongs_to_its_thread)                                                             \
    X(callback, is_not_called_when_ready)                                                          \
    X(callback, is_not_called_on_nonblocking_sockets)                                              \
    X(callback, is_not_called_by_what_cannot_block)                                                \
    X(callback, may_be_absent)                                                                     \
    X(cancel, from_a_window_procedure)                                                             \
    X(nonblocking, would_block)                                                                    \
    X(accept, listener_still_listens)                                                              \
    X(accept, cancelled_one_makes_no_handle)                                                       \
    X(accept, connection_in_the_callback_is_kept)                                                  \
    X(accept, backlog_keeps_its_order)                                                             \
    X(accept, survives_many_cancels)                                                               \
    X(accept, select_still_sees_the_backlog)                                                       \
    X(accept, earlier_connections_are_unharmed)                                                    \
    X(select, cancelled_one_is_no_timeout)                                                         \
    X(select, sockets_still_work)                                                                  \
    X(select, pending_connect_completes)                                                           \
    X(select, arriving_data_is_kept)                                                               \
    X(select, sets_stay_in_bounds)                                                                 \
    X(select, timeval_is_left_alone)                                                               \
    X(select, zero_timeout_only_asks)                                                              \
    X(cancel, leaves_a_socket_that_answers)                                                        \
    X(cancel, spares_all_other_sockets)                                                            \
    X(connect, ends_when_cancelled)                                                                \
    X(connect, closes_after_a_cancel)                                                              \
    X(recv, ends_when_cancelled)                                                                   \
    X(recv, leaves_its_memory_alone)                                                               \
    X(recvfrom, ends_when_cancelled)                                                               \
    X(send, ends_when_cancelled)                                                                   \
    X(close, works_after_a_cancel)                                                                 \
    X(close, gives_the_handle_up)                                                                  \
    X(linger, decides_how_a_connection_ends)                                                       \
    X(linger, resets_after_a_cancelled_recv)

#endif
