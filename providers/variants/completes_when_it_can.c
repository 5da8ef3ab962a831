#include "variants/support/variant.h"

#include <stdlib.h>

/* A copy of a set of any size, or of one socket; to be freed. */
static fd_set *copy_of(const fd_set *set)
{
    u_int count = set != NULL ? set->fd_count : 0;
    fd_set *copy = calloc(1, sizeof *copy + count * sizeof(SOCKET));
    SOCKET *handles = copy->fd_array;

    copy->fd_count = count;
    for (u_int i = 0; i < count; i++) {
        handles[i] = set->fd_array[i];
    }
    return copy;
}

static bool any_ready(const fd_set *read, const fd_set *write, const fd_set *except)
{
    struct timeval now = {0, 0};
    fd_set *sets[] = {copy_of(read), copy_of(write), copy_of(except)};
    int error;
    int ready = reference.lpWSPSelect(0, sets[0], sets[1], sets[2], &now, &error);

    for (int i = 0; i < 3; i++) {
        free(sets[i]);
    }
    return ready > 0;
}

static bool can_complete(const struct call *call)
{
    fd_set only = {.fd_count = 1, .fd_array = {call->socket}};

    switch (call->entry) {
    case ENTRY_WSPAccept:
    case ENTRY_WSPRecv:
    case ENTRY_WSPRecvFrom:
        return any_ready(&only, NULL, NULL);
    case ENTRY_WSPConnect:
        return any_ready(NULL, &only, NULL);
    case ENTRY_WSPSelect:
        return any_ready(call->sets[0], call->sets[1], call->sets[2]);
    default:
        return false;
    }
}

/* A cancel is only noted; what it does is decided when the callback has returned. */
static int cancel(struct call *call)
{
    return call != NULL ? 0 : variant_cancel();
}

static BOOL turn(struct call *call)
{
    if (!call->cancelled) {
        variant_call_back(call);
    }
    if (call->cancelled && !can_complete(call)) {
        variant_cancel();
    }
    return !call->cancelled;
}

const struct variant variant = {
    .requirement = "RACE-01",
    .why_allowed = "a cancel may succeed although the operation completes, which then returns as "
                   "if it had never been cancelled (S22, S23)",
    .touches = "accept/connection_in_the_callback_is_kept/*_ipv4 "
               "accept/backlog_keeps_its_order/ipv4 accept/accepted_socket_blocks/*_meanwhile_ipv4 "
               "accept/waiting_peers_are_not_reset/ipv4 "
               "connect/comes_through_in_the_callback/ipv4 "
               "select/arriving_data_is_kept/*_ipv4 select/events_still_come/*_ipv4 "
               "race/only_a_cancel_interrupts/recv_completes_ipv4 "
               "race/*_as_it_completes/recv*_ipv4 race/completed_call_*/*_ipv4 "
               "race/interrupted_one_*/*_ipv4 race/late_*/select_ipv4",
    .turn = turn,
    .cancel = cancel,
};
