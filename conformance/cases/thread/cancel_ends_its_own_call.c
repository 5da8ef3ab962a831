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

/* Added to the function of the others: all of them, and T1's, have a timeout that is far off. */
enum { TIMED = 0x100, A_MINUTE_MS = 60000 };

#define TIMED_ROW(call, spi, others, beside)                                                       \
    {                                                                                              \
        .name = #call "_beside_" #others "_timed_ipv4", .function = SPI_##spi, .family = AF_INET,  \
        .variant = TIMED | SPI_##beside,                                                           \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
                    " callback/is_called_while_blocked/" #others "_ipv4"                           \
    }

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    TIMED_ROW(select, WSPSelect, select, WSPSelect),
    TIMED_ROW(recv, WSPRecv, recv, WSPRecv),
    TIMED_ROW(send, WSPSend, select, WSPSelect),
    TIMED_ROW(select, WSPSelect, recvfrom, WSPRecvFrom),
    {.name = NULL},
};

static struct stage *arrange(const struct case_row *row, enum spi_function function)
{
    struct stage *stage = arrange_blocked(function, row->family);

    if ((row->variant & TIMED) != 0) {
        require_timeout(stage, A_MINUTE_MS);
    }
    return stage;
}

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
            about("%s after a cancel on T1, on %s", spi_function_name(stage->function), where))) {
        expect_completes(MUST("THR-01"), stage, call);
    }
}

/*
 * THR-01 (WSPCancelBlockingCall: S7): a cancel is for the thread that makes it. Of the threads that
 * are blocked only its own call ends; those that blocked before it, after it, and after the cancel
 * wait as they should, and get all that comes to them.
 */
static void cancel_ends_its_own_call(const struct case_row *row)
{
    /* A socket for the call of T1, and one for each of the others. */
    enum spi_function beside = (enum spi_function)(row->variant & ~TIMED);
    struct stage *own = arrange(row, row->function);
    struct stage *others[] = {arrange(row, beside), arrange(row, beside), arrange(row, beside)};
    static volatile LONG told;

    /* T2 blocks, then T1, then T3. */
    struct blocked_call *t2 = start_blocked(others[0], "T2", GOES_ON);
    struct blocked_call *t1 = start_blocked(own, "T1", CANCELS_WHEN_TOLD(&told));
    struct blocked_call *t3 = start_blocked(others[1], "T3", GOES_ON);
    struct blocked_call *t4;

    /* T1's next callback cancels, and T1's call ends. Then T4 makes a call. */
    InterlockedExchange(&told, 1);
    join_cancelled(t1, MUST("THR-01"));
    t4 = start_call(client_start("T4"), &others[2]->operation, GOES_ON);

    /* The calls of the others wait, until their peers let them complete. */
    expect_unharmed(others[0], t2, "T2, blocked before T1");
    expect_unharmed(others[1], t3, "T3, blocked after T1");
    expect_unharmed(others[2], t4, "T4, blocked after the cancel");
}

CASE(thread, cancel_ends_its_own_call) = {
    .run = cancel_ends_its_own_call,
    .function = FROM_ROW,
    .requirements = "THR-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels on one of three blocked threads, then blocks a fourth",
    .must = "its call ends; those of the others wait, and complete",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
