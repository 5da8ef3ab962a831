#include "variants/support/variant.h"

enum { SETS = 3, BITS_OF_COUNT = 21 };

static const ULONGLONG count_mask = (1ULL << BITS_OF_COUNT) - 1;

static int before(struct call *call)
{
    for (int i = 0; call->entry == ENTRY_WSPSelect && i < SETS; i++) {
        if (call->sets[i] != NULL) {
            call->since |= (call->sets[i]->fd_count & count_mask) << (i * BITS_OF_COUNT);
        }
    }
    return 0;
}

/* What is ready comes last one first, and the entries that were in use and are not any more hold no
 * socket. */
static void turn_round(fd_set *set, u_int given)
{
    SOCKET *sockets = set->fd_array;
    u_int ready = set->fd_count;

    for (u_int i = 0; i < ready / 2; i++) {
        SOCKET first = sockets[i];
        sockets[i] = sockets[ready - 1 - i];
        sockets[ready - 1 - i] = first;
    }
    for (u_int i = ready; i < given; i++) {
        sockets[i] = INVALID_SOCKET;
    }
}

static int after(struct call *call, int error)
{
    for (int i = 0; error == 0 && call->entry == ENTRY_WSPSelect && i < SETS; i++) {
        if (call->sets[i] != NULL) {
            turn_round(call->sets[i], (u_int)(call->since >> (i * BITS_OF_COUNT) & count_mask));
        }
    }
    return error;
}

const struct variant variant = {
    .requirement = "SELECT-08",
    .why_allowed = "upon return the structures are updated to reflect the subset of sockets that "
                   "meet the condition (WSPSelect); a set has no order, and what stands behind "
                   "its count is in none",
    .touches = "select/*/ipv4",
    .before = before,
    .after = after,
};
