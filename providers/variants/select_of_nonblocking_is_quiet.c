#include "variants/support/variant.h"

#include "reference/sockets.h"

static bool is_blocking(SOCKET handle)
{
    struct socket *socket;
    bool blocking = false;

    if (sockets_acquire(handle, &socket) == 0) {
        blocking = !socket->traits.nonblocking;
        sockets_release(socket);
    }
    return blocking;
}

static bool has_blocking_socket(const struct call *call)
{
    for (int which = 0; which < 3; which++) {
        const fd_set *set = call->sets[which];
        for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
            if (is_blocking(set->fd_array[i])) {
                return true;
            }
        }
    }
    return false;
}

static BOOL turn(struct call *call)
{
    return call->entry != ENTRY_WSPSelect || has_blocking_socket(call) ? variant_call_back(call)
                                                                       : TRUE;
}

const struct variant variant = {
    .requirement = "SELECT-08",
    .why_allowed = "whether the callback is called when all sockets of a WSPSelect are "
                   "non-blocking is not said",
    .touches = "select/nonblocking_members*/ipv4",
    .turn = turn,
};
