#include "variants/support/variant.h"

enum { LATE_MS = 1500 };

static int after(struct call *call, int error)
{
    (void)call;
    if (error == WSAEINTR) {
        Sleep(LATE_MS);
    }
    return error;
}

const struct variant variant = {
    .requirement = "CBC-16",
    .why_allowed = "a cancelled call ends as soon as possible (S10), and no number is named; a "
                   "second and a half is slow, but no failure",
    .touches = "cancel/ends_the_blocked_call/recv_ipv4 "
               "cancel/ends_the_call_promptly/recv_ipv4",
    .warned_by = "cancel/ends_the_call_promptly/*",
    .after = after,
};
