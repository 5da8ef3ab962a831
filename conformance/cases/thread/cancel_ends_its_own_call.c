#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi, others, beside, version, address_family)                                    \
    {                                                                                              \
        .name = #call "_beside_" #others "_ipv" #version, .function = SPI_##spi,                   \
        .family = (address_family), .variant = SPI_##beside,                                       \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
                    " callback/is_called_while_blocked/" #others "_ipv4"                           \
    }

#define ROWS(version, family)                                                                      \
    ROW(recv, WSPRecv, recv, WSPRecv, version, family),                                            \
        ROW(accept, WSPAccept, accept, WSPAccept, version, family),                                \
        ROW(select, WSPSelect, recv, WSPRecv, version, family),                                    \
        ROW(recvfrom, WSPRecvFrom, recvfrom, WSPRecvFrom, version, family),                        \
        ROW(recv, WSPRecv, accept, WSPAccept, version, family),                                    \
        ROW(accept, WSPAccept, select, WSPSelect, version, family),                                \
        ROW(send, WSPSend, recvfrom, WSPRecvFrom, version, family),                                \
        ROW(connect, WSPConnect, recv, WSPRecv, version, family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

static struct blocked_call *start_blocked(struct stage *stage, const char *thread,
                                          struct callback_script script)
{
    struct blocked_call *call = start_call(client_start(thread), &stage->operation, script);

    prove_blocked(call, 1);
    return call;
}

static void expect_unharmed(struct stage *stage, struct blocked_call *call, const char *where)
{
    if (expect_still_blocked(
            call, MUST("THR-01"),
            about("%s on %s, after the cancel on T1", spi_function_name(stage->function), where))) {
        expect_completes(MUST("THR-01"), stage, call);
    }
}

/*
 * THR-01 (WSPCancelBlockingCall: S7): a cancel is for the thread that makes it. Of three that are
 * blocked, only its own call ends; the one that blocked before it and the one that did so after it
 * go on waiting, and get all that comes to them.
 */
static void cancel_ends_its_own_call(const struct case_row *row)
{
    /* Three sockets on which calls can only wait. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct stage *earlier = arrange_blocked((enum spi_function)row->variant, row->family);
    struct stage *later = arrange_blocked((enum spi_function)row->variant, row->family);
    volatile LONG told = 0;

    /* T2 blocks, then T1, then T3. */
    struct blocked_call *t2 = start_blocked(earlier, "T2", GOES_ON);
    struct blocked_call *t1 = start_blocked(stage, "T1", CANCELS_WHEN_TOLD(&told));
    struct blocked_call *t3 = start_blocked(later, "T3", GOES_ON);

    /* T1's next callback cancels, and T1's call ends. */
    InterlockedExchange(&told, 1);
    join_cancelled(t1, MUST("THR-01"));

    /* Those of T2 and T3 do not, until their peers let them complete. */
    expect_unharmed(earlier, t2, "T2, blocked before T1");
    expect_unharmed(later, t3, "T3, blocked after T1");
}

CASE(thread, cancel_ends_its_own_call) = {
    .run = cancel_ends_its_own_call,
    .function = FROM_ROW,
    .requirements = "THR-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "blocks three threads, one after the other, and cancels on the second",
    .must = "its call ends; those of the others go on waiting, and complete",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
