#include "harness/mode.h"
#include "harness/prompt.h"

enum { BLOCKING, NONBLOCKING, OVERLAPPED_SEND };

static const struct case_row sockets[] = {
    {.name = "blocking_ipv4", .family = AF_INET, .variant = BLOCKING},
    {.name = "nonblocking_ipv4", .family = AF_INET, .variant = NONBLOCKING},
    {.name = "overlapped_ipv4", .family = AF_INET, .variant = OVERLAPPED_SEND},
    {.name = "blocking_ipv6", .family = AF_INET6, .variant = BLOCKING},
    {.name = "nonblocking_ipv6", .family = AF_INET6, .variant = NONBLOCKING},
    {.name = NULL},
};

/* A connection with unsent data and a linger time of zero, to be closed; perhaps with a send that
 * is pending. */
static struct operation make_close(const struct case_row *row)
{
    struct stage *stage = arrange_unsent(row->family);

    if (row->variant == OVERLAPPED_SEND) {
        begin_pending(client_start("T2"), stage, BY_EVENT);
    }
    require_linger(stage->socket, true, 0);
    if (row->variant == NONBLOCKING) {
        require_nonblocking(stage->socket, BY_IOCTL);
    }
    return with_peer_reading(operation_close(stage->socket), stage);
}

/*
 * LINGER-02 (WSPCloseSocket, its table of linger settings: a hard close does not wait): with a
 * linger time of zero what is unsent is given up, and there is nothing to wait for.
 */
static void zero_closes_at_once(const struct case_row *row)
{
    const char *what = "WSPCloseSocket with unsent data and a linger time of zero";
    struct client *t1 = client_start("T1");

    /* T1 closes a connection whose data cannot go out. */
    struct blocked_call *call = expect_at_once(MUST("LINGER-02"), what, t1, make_close, row);

    /* That works. */
    if (call != NULL &&
        expect_outcome(MUST("LINGER-02"), what, call_outcome(call), ONE_OF(RETURNS(0)))) {
        prove(PROOF_COMPLETED, "WSPCloseSocket returned 0");
    }
}

CASE(linger, zero_closes_at_once) = {
    .run = zero_closes_at_once,
    .function = SPI_WSPCloseSocket,
    .requirements = "LINGER-02",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does = "closes a connection with unsent data and a linger time of zero",
    .must = "WSPCloseSocket returns 0, and at once",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = sockets,
};
