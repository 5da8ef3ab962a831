#include "variants/support/spent.h"

static bool is_spent_in(const fd_set *set)
{
    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        if (mark_of_socket(set->fd_array[i]) != 0) {
            return true;
        }
    }
    return false;
}

int spent_before(const struct call *call, int error)
{
    if (call->entry == ENTRY_WSPSelect) {
        return is_spent_in(call->sets[0]) || is_spent_in(call->sets[1]) ||
                       is_spent_in(call->sets[2])
                   ? error
                   : 0;
    }
    if (call->entry == ENTRY_WSPCloseSocket) {
        mark_socket(call->socket, 0);
        return 0;
    }
    return call->socket != INVALID_SOCKET && mark_of_socket(call->socket) != 0 ? error : 0;
}

/* A stream that the provider beneath has reset is already spent, in the way that S21 demands. */
int spent_after(struct call *call, int error)
{
    bool spends = call->entry == ENTRY_WSPConnect || call->entry == ENTRY_WSPRecv ||
                  call->entry == ENTRY_WSPRecvFrom || call->entry == ENTRY_WSPSend;

    if (error == WSAEINTR && spends &&
        (call->entry == ENTRY_WSPConnect || !socket_is_aborted(call->socket))) {
        mark_socket(call->socket, 1);
    }
    return error;
}
