#include "variants/support/variant.h"

#include "reference/cancel.h"
#include "reference/startup.h"

/* A callback that takes longer than this may have used up a time-out, which one more would exceed
 * by more than one callback's duration (BHK-15). */
enum { SLOW_MS = 50 };

static BOOL turn(struct call *call)
{
    ULONGLONG started = GetTickCount64();
    BOOL answer = variant_call_back(call);

    if (GetTickCount64() - started > SLOW_MS) {
        call->since = started;
    }
    return answer;
}

/* The call is still outstanding, so a cancel finds it; but it has completed, and succeeds. */
static void call_back_once_more(struct call *call)
{
    struct cancel_frame frame;

    if (startup_enter() == 0) {
        cancel_enter(&frame);
        frame.blocked = true;
        variant_call_back(call);
        cancel_leave(&frame);
        startup_leave();
    }
}

static int after(struct call *call, int error)
{
    bool has_blocked = call->turns > 0 && !call->cancelled && call->since == 0;
    bool timed_out = call->entry == ENTRY_WSPSelect && call->returned == 0;

    if (error == 0 && has_blocked && !timed_out && call->entry != ENTRY_WSPCloseSocket) {
        call_back_once_more(call);
    }
    return error;
}

const struct variant variant = {
    .requirement = "RACE-01",
    .why_allowed =
        "how often the callback is invoked during a blocked call is not said, and a "
        "cancel may return 0 when the operation completes prior to being cancelled (S22)",
    .touches = "cancel/ends_the_blocked_call/*_ipv4 recv/*/ipv4*",
    .turn = turn,
    .after = after,
};
