#include "variants/support/variant.h"

#include <string.h>

enum { WHILE_MS = 1000 };

static SRWLOCK lock = SRWLOCK_INIT;
static struct sockaddr_storage left_behind;
static ULONGLONG left_at;

static bool is_still_busy(const struct call *call)
{
    bool busy;

    AcquireSRWLockShared(&lock);
    busy = left_at != 0 && GetTickCount64() - left_at < WHILE_MS &&
           memcmp(&left_behind, call->name, (size_t)call->name_length) == 0;
    ReleaseSRWLockShared(&lock);
    return busy;
}

static bool is_connect(const struct call *call)
{
    return call->entry == ENTRY_WSPConnect && call->name != NULL && call->name_length > 0 &&
           (size_t)call->name_length <= sizeof left_behind;
}

static int before(struct call *call)
{
    return is_connect(call) && is_still_busy(call) ? WSAEADDRINUSE : 0;
}

static int after(struct call *call, int error)
{
    if (is_connect(call) && error == WSAEINTR) {
        AcquireSRWLockExclusive(&lock);
        memcpy(&left_behind, call->name, (size_t)call->name_length);
        left_at = GetTickCount64();
        ReleaseSRWLockExclusive(&lock);
    }
    return error;
}

const struct variant variant = {
    .requirement = "CONNECT-09",
    .why_allowed = "the resources of a cancelled connect may be kept, which is noticed when the "
                   "same peer is connected to again (S13, S14)",
    .touches = "connect/*/ipv4* "
               "sticky/cancel_spares_the_next_call/connect_then_recv_ipv4",
    .before = before,
    .after = after,
};
