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
    X(cancel, idle_after_a_failed_call)                                                            \
    X(cancel, neither_waits_nor_calls_back)                                                        \
    X(cancel, ends_no_call_before_its_callback)                                                    \
    X(cancel, needs_no_answer)                                                                     \
    X(cancel, twice_in_one_callback)                                                               \
    X(sticky, early_cancels_spare_the_first_call)                                                  \
    X(sticky, idle_cancel_spares_the_next_call)                                                    \
    X(sticky, cancel_spares_an_immediate_call)                                                     \
    X(thread, cancel_ends_its_own_call)                                                            \
    X(thread, idle_one_cancels_nothing)                                                            \
    X(thread, cancel_on_a_shared_socket)                                                           \
    X(thread, cancel_beside_a_shared_receive)                                                      \
    X(race, only_a_cancel_interrupts)                                                              \
    X(race, late_cancel_may_succeed)                                                               \
    X(race, cancel_as_it_completes)                                                                \
    X(race, completed_call_is_not_cancelled)                                                       \
    X(race, interrupted_one_loses_nothing)                                                         \
    X(callback, is_called_again_and_again)                                                         \
    X(callback, gets_its_context)                                                                  \
    X(callback, is_asked_for_by_its_entry)                                                         \
    X(callback, runs_on_the_blocking_thread)                                                       \
    X(callback, belongs_to_its_thread)                                                             \
    X(callback, is_not_called_when_ready)                                                          \
    X(callback, is_not_called_on_nonblocking_sockets)                                              \
    X(callback, is_not_called_by_what_cannot_block)                                                \
    X(callback, may_be_absent)                                                                     \
    X(cancel, while_the_network_is_down)                                                           \
    X(cancel, from_a_window_procedure)                                                             \
    X(cancel, waits_for_the_window_procedure)                                                      \
    X(cancel, needs_no_further_message)                                                            \
    X(nonblocking, would_block)                                                                    \
    X(cancel, leaves_a_socket_that_answers)                                                        \
    X(cancel, spares_all_other_sockets)                                                            \
    X(nonblocking, pending_is_no_blocking_call)                                                    \
    X(accept, listener_still_listens)                                                              \
    X(accept, cancelled_one_makes_no_handle)                                                       \
    X(accept, connection_in_the_callback_is_kept)                                                  \
    X(accept, backlog_keeps_its_order)                                                             \
    X(accept, survives_many_cancels)                                                               \
    X(accept, select_still_sees_the_backlog)                                                       \
    X(accept, earlier_connections_are_unharmed)                                                    \
    X(accept, options_are_unchanged)                                                               \
    X(accept, address_is_left_alone)                                                               \
    X(accept, event_select_still_works)                                                            \
    X(accept, what_was_legal_is_legal)                                                             \
    X(accept, waiting_peers_are_not_reset)                                                         \
    X(select, cancelled_one_is_no_timeout)                                                         \
    X(select, sockets_still_work)                                                                  \
    X(select, pending_connect_completes)                                                           \
    X(select, arriving_data_is_kept)                                                               \
    X(select, sets_stay_in_bounds)                                                                 \
    X(select, timeval_is_left_alone)                                                               \
    X(select, zero_timeout_only_asks)                                                              \
    X(select, ends_with_and_without_a_timeout)                                                     \
    X(select, sets_of_any_size)                                                                    \
    X(select, nonblocking_members)                                                                 \
    X(select, nonblocking_members_alone)                                                           \
    X(select, events_still_come)                                                                   \
    X(select, repeats_after_a_cancel)                                                              \
    X(connect, ends_when_cancelled)                                                                \
    X(connect, closes_after_a_cancel)                                                              \
    X(connect, late_connection_is_ended)                                                           \
    X(connect, another_peer_is_reached)                                                            \
    X(connect, same_peer_is_reached_again)                                                         \
    X(connect, comes_through_in_the_callback)                                                      \
    X(recv, ends_when_cancelled)                                                                   \
    X(recv, leaves_its_memory_alone)                                                               \
    X(recvfrom, ends_when_cancelled)                                                               \
    X(send, ends_when_cancelled)                                                                   \
    X(ioctl, ends_when_cancelled)                                                                  \
    X(close, works_after_a_cancel)                                                                 \
    X(close, gives_the_handle_up)                                                                  \
    X(linger, decides_how_a_connection_ends)                                                       \
    X(linger, resets_after_a_cancelled_recv)

#endif
