#include "harness/case.h"
#include "harness/names.h"

/* Instead of the function that T2 calls. */
enum { THE_SAME = -1 };

#define ROW(name_of_row, call, spi, then, proved, version, address_family)                         \
    {                                                                                              \
        .name = #name_of_row "_ipv" #version, .function = SPI_##spi, .family = (address_family),   \
        .variant = (then), .proofs = (proved),                                                     \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

/* The socket of an accept or a select is as it was; T2's call waits on it, and completes. */
#define UNHARMED(version, family)                                                                  \
    ROW(accept, accept, WSPAccept, THE_SAME, PROOF_COMPLETED, version, family),                    \
        ROW(select, select, WSPSelect, THE_SAME, PROOF_COMPLETED, version, family),                \
        ROW(select_then_recv, select, WSPSelect, SPI_WSPRecv, PROOF_COMPLETED, version, family)

/* After any other cancelled call the socket may be fit for closing only. */
#define SPENT(version, family)                                                                     \
    ROW(recv, recv, WSPRecv, THE_SAME, 0, version, family),                                        \
        ROW(recv_then_send, recv, WSPRecv, SPI_WSPSend, 0, version, family),                       \
        ROW(recvfrom, recvfrom, WSPRecvFrom, THE_SAME, 0, version, family),                        \
        ROW(send, send, WSPSend, THE_SAME, 0, version, family),                                    \
        ROW(send_then_recv, send, WSPSend, SPI_WSPRecv, 0, version, family)

static const struct case_row calls[] = {
    UNHARMED(4, AF_INET), UNHARMED(6, AF_INET6), SPENT(4, AF_INET),
    SPENT(6, AF_INET6),   {.name = NULL},
};

/* How often T2's call has to come back to its callback before it is seen to wait. */
enum { TURNS = 2 };

/* A stage for T2's call, on the same socket. */
static struct stage *arrange_other(const struct stage *stage, intptr_t then)
{
    struct stage *other = arrange_again(stage);

    switch (then) {
    case SPI_WSPRecv:
        other->function = SPI_WSPRecv;
        other->operation = operation_receive(stage->socket, STAGE_DATA_SIZE);
        break;
    case SPI_WSPSend:
        other->function = SPI_WSPSend;
        other->operation = operation_send(stage->socket, buffer_with_pattern("a byte of T2", 1, 0));
        break;
    default:
        return other;
    }
    other->operation.complete = stage->function == SPI_WSPSelect ? stage->operation.complete : NULL;
    other->operation.other_end = other;
    return other;
}

static bool leaves_its_socket_whole(enum spi_function function)
{
    return function == SPI_WSPAccept || function == SPI_WSPSelect;
}

/* It may be refused, it may wait: but nobody has cancelled it. */
static void expect_uninterrupted(struct blocked_call *call, const char *what)
{
    char text[128];

    wait_for_callback(call, TURNS, settings.budgets.hook);
    if (!call_returned(call)) {
        release_call(call);
        return;
    }
    expect_that(MUST("STICKY-05"), !outcome_is_error(call_outcome(call), WSAEINTR), what,
                "any outcome but WSAEINTR", "%s",
                outcome_text(text, sizeof text, call_outcome(call)));
}

/*
 * STICKY-05 (WSPCancelBlockingCall: S7): a cancel is for one call of one thread, and leaves nothing
 * on the socket. What another thread then calls on the same socket waits, and gets what comes. If
 * the socket is fit for closing only (S18), that call may fail, but it has not been cancelled.
 */
static void cancel_spares_the_call_of_another(const struct case_row *row)
{
    /* A socket on which T1's call can only wait, and what T2 will call on it. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *other = arrange_other(stage, row->variant);
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    const char *what;
    struct blocked_call *call;

    /* T1 blocks; its callback cancels, and the call ends. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* T2's call is not ended by that: if it waits, it completes when its peer lets it. */
    call = start_call(t2, &other->operation, GOES_ON);
    what = about("%s on T2, after %s of T1 on the same socket was cancelled",
                 spi_function_name(other->function), spi_function_name(row->function));
    if (!leaves_its_socket_whole(row->function)) {
        expect_uninterrupted(call, what);
    } else if (expect_still_blocked(call, MUST("STICKY-05"), what)) {
        expect_completes(MUST("STICKY-05"), other, call);
    }
}

CASE(sticky, cancel_spares_the_call_of_another) = {
    .run = cancel_spares_the_call_of_another,
    .function = FROM_ROW,
    .requirements = "STICKY-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call, then makes one on another thread and the same socket",
    .must = "the call of the other thread does not end with WSAEINTR; after an accept or a select "
            "it waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rows = calls,
};
