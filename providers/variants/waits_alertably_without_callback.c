#include "variants/support/variant.h"

enum { ALERTABLE_MS = 10 };

/* Without a callback the thread waits alertably, and an APC may cancel. */
static BOOL turn(struct call *call)
{
    if (call->callback != NULL) {
        return variant_call_back(call);
    }
    SleepEx(ALERTABLE_MS, TRUE);
    return TRUE;
}

const struct variant variant = {
    .requirement = "CBC-23",
    .why_allowed = "a cancel is for any blocking call of the thread (S7), and an APC that the wait "
                   "lets in runs on that thread",
    .touches = "callback/may_be_absent/recv_ipv4 "
               "thread/idle_one_cancels_nothing/recv_ipv4",
    .turn = turn,
    .turns_without_callback = true,
};
