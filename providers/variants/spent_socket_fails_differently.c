#include "variants/support/spent.h"

/* Another code each time: none of them tells the client anything, and none has to. */
static int before(struct call *call)
{
    static const int codes[] = {WSAEINVAL,    WSAENOTCONN,  WSAEOPNOTSUPP, WSAENETRESET,
                                WSAESHUTDOWN, WSAETIMEDOUT, WSAEACCES};
    static volatile LONG refusals;
    int error = spent_before(call, WSAEINVAL);

    return error == 0 ? 0 : codes[(ULONG)InterlockedIncrement(&refusals) % ARRAYSIZE(codes)];
}

const struct variant variant = {
    .requirement = "PCS-01",
    .why_allowed = "after a cancel of anything but accept and select, closing is the only thing "
                   "that a client can rely on (S18)",
    .touches = "cancel/leaves_a_socket_that_answers/*_ipv4 "
               "cancel/spares_all_other_sockets/*_ipv4",
    .warned_by = "linger/resets_after_a_cancel/recv_* linger/resets_after_a_cancel/send_*",
    .before = before,
    .after = spent_after,
};
