#include "harness/case.h"
#include "harness/names.h"

/* When T2 has blocked on the socket. */
enum { BEFORE_T1, AFTER_T1 };

#define ROW(call, spi, order, when, version, address_family)                                       \
    {                                                                                              \
        .name = #call "_" #order "_ipv" #version, .function = SPI_##spi,                           \
        .family = (address_family), .variant = (when),                                             \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

#define ROWS(version, family)                                                                      \
    ROW(accept, WSPAccept, first, AFTER_T1, version, family),                                      \
        ROW(accept, WSPAccept, last, BEFORE_T1, version, family),                                  \
        ROW(select, WSPSelect, first, AFTER_T1, version, family),                                  \
        ROW(select, WSPSelect, last, BEFORE_T1, version, family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

static struct blocked_call *start_blocked(struct stage *stage, const char *thread,
                                          struct callback_script script)
{
    struct blocked_call *call = start_call(client_start(thread), &stage->operation, script);

    prove_blocked(call, 1);
    return call;
}

/*
 * THR-03 (WSPCancelBlockingCall: S7, S15): a cancel is for the call of the thread that makes it,
 * not for the socket. A second thread, blocked in the same call on the same socket, goes on
 * waiting, and gets what comes.
 */
static void cancel_on_a_shared_socket(const struct case_row *row)
{
    /* A socket on which the calls of two threads can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *other = arrange_again(stage);
    struct blocked_call *t1 = NULL;
    struct blocked_call *t2 = NULL;
    static volatile LONG told;

    /* T1 and T2 block on it. */
    if (row->variant == BEFORE_T1) {
        t2 = start_blocked(other, "T2", GOES_ON);
    }
    t1 = start_blocked(stage, "T1", CANCELS_WHEN_TOLD(&told));
    if (row->variant == AFTER_T1) {
        t2 = start_blocked(other, "T2", GOES_ON);
    }

    /* T1's next callback cancels, and T1's call ends. */
    InterlockedExchange(&told, 1);
    if (!join_cancelled(t1, MUST("THR-03"))) {
        return;
    }

    /* T2's waits, and completes when its peer lets it. */
    if (expect_still_blocked(t2, MUST("THR-03"),
                             about("%s on T2, after a cancel on T1 on the same socket",
                                   spi_function_name(row->function)))) {
        expect_completes(MUST("THR-03"), other, t2);
    }
}

CASE(thread, cancel_on_a_shared_socket) = {
    .run = cancel_on_a_shared_socket,
    .function = FROM_ROW,
    .requirements = "THR-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "blocks two threads on one socket, and cancels on one of them",
    .must = "its call ends; that of the other thread waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
