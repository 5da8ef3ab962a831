#include "variants/support/variant.h"

enum { BURST_US = 5000 };

static LONGLONG now_us(void)
{
    LARGE_INTEGER frequency;
    LARGE_INTEGER count;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    return count.QuadPart * 1000000 / frequency.QuadPart;
}

static BOOL turn(struct call *call)
{
    LONGLONG end = now_us() + BURST_US;
    BOOL go_on;

    do {
        go_on = variant_call_back(call);
    } while (go_on && !call->cancelled && now_us() < end);
    return go_on;
}

const struct variant variant = {
    .requirement = "BHK-02",
    .why_allowed = "WPUQueryBlockingCallback says periodically, and names no period; that nothing "
                   "is waited for in between is bad manners, no failure",
    .touches = "callback/is_called_again_and_again/accept_ipv4 "
               "cancel/ends_the_callbacks/recv_ipv4 "
               "thread/cancel_ends_its_own_call/recv_beside_recv_ipv4",
    .warned_by = "callback/is_called_again_and_again/*",
    .turn = turn,
};
