#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, version, address_family)                                                    \
    {                                                                                              \
        .name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family),          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

/* After any other cancelled call the socket may be fit for closing only. */
static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET),
    ROW(select, WSPSelect, 4, AF_INET),
    ROW(accept, WSPAccept, 6, AF_INET6),
    ROW(select, WSPSelect, 6, AF_INET6),
    {.name = NULL},
};

/*
 * STICKY-05 (WSPCancelBlockingCall: S7): a cancel is for one call of one thread, and leaves nothing
 * on the socket. What another thread then calls on the same socket waits, and gets what comes.
 */
static void cancel_spares_the_call_of_another(const struct case_row *row)
{
    /* A socket on which the calls of two threads can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *other = arrange_again(stage);
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    struct blocked_call *call;

    /* T1 blocks; its callback cancels, and the call ends. */
    require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));

    /* T2 calls the same on the same socket: it waits, and completes when its peer lets it. */
    call = start_call(t2, &other->operation, GOES_ON);
    if (expect_still_blocked(call, MUST("STICKY-05"),
                             about("%s on T2, after that of T1 on the same socket was cancelled",
                                   spi_function_name(row->function)))) {
        expect_completes(MUST("STICKY-05"), other, call);
    }
}

CASE(sticky, cancel_spares_the_call_of_another) = {
    .run = cancel_spares_the_call_of_another,
    .function = FROM_ROW,
    .requirements = "STICKY-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call, then makes the same one on another thread and the same socket",
    .must = "the call of the other thread waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
