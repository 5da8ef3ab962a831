#include "variants/support/variant.h"

enum { UNTIL_RELEASED_MS = 2000 };

/* When the resources of the last cancelled connect come back; milliseconds of the system. */
static volatile LONG64 released_at;

static int before(struct call *call)
{
    bool none_left = (LONG64)GetTickCount64() < InterlockedCompareExchange64(&released_at, 0, 0);

    return call->entry == ENTRY_WSPSocket && none_left ? WSAEMFILE : 0;
}

static int after(struct call *call, int error)
{
    if (call->entry == ENTRY_WSPConnect && error == WSAEINTR) {
        InterlockedExchange64(&released_at, (LONG64)GetTickCount64() + UNTIL_RELEASED_MS);
    }
    return error;
}

const struct variant variant = {
    .requirement = "CONNECT-08",
    .why_allowed = "the resources of a cancelled connect may not be released until it has timed "
                   "out (S13), which a client notices if it immediately tries to open a new "
                   "socket and no sockets are available (S14)",
    .touches = "connect/ends_when_cancelled/* close/gives_the_handle_up/connect_ipv4",
    .before = before,
    .after = after,
};
