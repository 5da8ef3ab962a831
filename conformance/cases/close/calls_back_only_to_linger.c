#include "harness/mode.h"
#include "harness/prompt.h"

/* How a socket is closed that has unsent data, or none. */
enum ending {
    BY_DEFAULT,
    LINGER_OFF,
    LINGER_ZERO,
    LINGERING_NONBLOCKING,
    NOTHING_UNSENT,
    LISTENER,
    DATAGRAM,
    CANCELLED
};

enum { A_MINUTE_S = 60 };

#define ROW(name_of, how, version, address_family)                                                 \
    {                                                                                              \
        .name = #name_of "_ipv" #version, .family = (address_family), .variant = (how)             \
    }

static const struct case_row endings[] = {
    ROW(default, BY_DEFAULT, 4, AF_INET),
    ROW(linger_off, LINGER_OFF, 4, AF_INET),
    ROW(linger_zero, LINGER_ZERO, 4, AF_INET),
    ROW(lingering_nonblocking, LINGERING_NONBLOCKING, 4, AF_INET),
    ROW(linger_zero_nothing_unsent, NOTHING_UNSENT, 4, AF_INET),
    {.name = "after_a_cancelled_recv_ipv4",
     .family = AF_INET,
     .variant = CANCELLED,
     .proofs = PROOF_BLOCKED | PROOF_CANCELLED,
     .rests_on = "cancel/ends_the_blocked_call/recv_ipv4"},
    ROW(listener, LISTENER, 4, AF_INET),
    ROW(datagram, DATAGRAM, 4, AF_INET),
    ROW(default, BY_DEFAULT, 6, AF_INET6),
    ROW(linger_zero, LINGER_ZERO, 6, AF_INET6),
    {.name = NULL},
};

static struct stage *arrange_cancelled(int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPRecv, family);

    require_cancelled(start_call(client_start("T2"), &stage->operation, CANCELS_AT(1)));
    return stage;
}

/* A socket to be closed as the row has it. */
static struct stage *arrange_ending(enum ending ending, int family)
{
    struct stage *stage = ending == CANCELLED        ? arrange_cancelled(family)
                          : ending == NOTHING_UNSENT ? arrange_blocked(SPI_WSPRecv, family)
                          : ending == LISTENER       ? arrange_blocked(SPI_WSPAccept, family)
                          : ending == DATAGRAM       ? arrange_blocked(SPI_WSPRecvFrom, family)
                                                     : arrange_unsent(family);

    if (ending == LINGER_OFF) {
        require_linger(stage->socket, false, A_MINUTE_S);
    } else if (ending == LINGER_ZERO || ending == NOTHING_UNSENT) {
        require_linger(stage->socket, true, 0);
    } else if (ending == LINGERING_NONBLOCKING) {
        require_linger(stage->socket, true, A_MINUTE_S);
        require_nonblocking(stage->socket, BY_IOCTL);
    }
    return stage;
}

/*
 * CLOSE-04 (WSPCloseSocket, its table of linger settings): a close waits only if SO_LINGER is set
 * with a time above zero, on a blocking socket. In all other cases it has nothing to call back for,
 * whatever is still unsent.
 */
static void calls_back_only_to_linger(const struct case_row *row)
{
    /* A socket that need not linger when it is closed. */
    struct stage *stage = arrange_ending((enum ending)row->variant, row->family);
    struct client *t1 = client_start("T1");
    static struct operation close;
    struct blocked_call *call;

    /* T1 closes it. */
    close = with_peer_reading(operation_close(stage->socket), stage);
    call = start_call(t1, &close, GOES_ON);
    wait_for_return(call, settings.budgets.cancel);

    /* It was not called back; whether the close succeeds is for other cases. */
    expect_uncalled(MUST("CLOSE-04"), "WSPCloseSocket, which need not linger", call);
    require_that(NEEDED("provider"), call_returned(call), "WSPCloseSocket, which need not linger",
                 "it returns", "no return within %lu ms", settings.budgets.cancel);
}

CASE(close, calls_back_only_to_linger) = {
    .run = calls_back_only_to_linger,
    .function = SPI_WSPCloseSocket,
    .requirements = "CLOSE-04",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "closes a socket that need not linger, with or without unsent data",
    .must = "WSPCloseSocket does not call the blocking callback",
    .proofs = PROOF_STARTED,
    .rests_on = "callback/is_called_at_all",
    .rows = endings,
};
