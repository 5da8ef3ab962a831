#include "variants/support/variant.h"

static bool is_too_big(const fd_set *set)
{
    return set != NULL && set->fd_count > FD_SETSIZE;
}

static int before(struct call *call)
{
    return call->entry == ENTRY_WSPSelect &&
                   (is_too_big(call->sets[0]) || is_too_big(call->sets[1]) ||
                    is_too_big(call->sets[2]))
               ? WSAENOBUFS
               : 0;
}

const struct variant variant = {
    .requirement = "SELECT-08",
    .why_allowed = "FD_SETSIZE is 64 unless a client says otherwise; to refuse more openly leaves "
                   "nothing undone that was promised",
    .touches = "select/sets_of_any_size/*_ipv4",
    .hidden_from = "select/sets_of_any_size/65_* select/sets_of_any_size/200_*",
    .before = before,
};
