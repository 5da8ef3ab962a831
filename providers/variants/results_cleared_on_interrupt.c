#include "variants/support/variant.h"

#include <string.h>

static void clear(fd_set *set)
{
    if (set != NULL) {
        memset(set->fd_array, 0, set->fd_count * sizeof(SOCKET));
        set->fd_count = 0;
    }
}

static int after(struct call *call, int error)
{
    if (error == WSAEINTR) {
        clear(call->sets[0]);
        clear(call->sets[1]);
        clear(call->sets[2]);
        if (call->transferred != NULL) {
            *call->transferred = 0;
        }
    }
    return error;
}

const struct variant variant = {
    .requirement = "SELECT-04",
    .why_allowed = "what stands in the sets, and in other results, after an error is not said",
    .touches = "select/sets_stay_in_bounds/ipv4 select/sockets_still_work/ipv4 "
               "select/repeats_after_a_cancel/ipv4 accept/address_is_left_alone/ipv4 "
               "sticky/cancel_spares_the_next_call/select_then_same_socket_ipv4 "
               "recv/leaves_its_memory_alone/ipv4",
    .after = after,
};
