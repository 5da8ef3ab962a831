#include "variants/support/variant.h"

enum { MOMENT_MS = 50, LATE_MS = 500 };

static int after(struct call *call, int error)
{
    bool was_blocked = call->turns > 0 || GetTickCount64() - call->entered >= MOMENT_MS;
    bool is_over = error == WSANOTINITIALISED || error == WSAENOTSOCK || error == WSAEINTR ||
                   error == WSAECONNABORTED;

    if (was_blocked && is_over && !call->cancelled) {
        Sleep(LATE_MS);
    }
    return error;
}

const struct variant variant = {
    .requirement = "CLEANUP-01",
    .why_allowed = "what was blocked at the last clean-up fails, at once or half a second later",
    .touches = "startup/last_clean_up_resets_connections/receiving_ipv4 "
               "startup/last_clean_up_ends_blocked_calls/recv_ipv4",
    .after = after,
};
