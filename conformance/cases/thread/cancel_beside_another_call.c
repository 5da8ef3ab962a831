#include "harness/case.h"
#include "harness/names.h"

/* When T2 has blocked on the socket; added to the function that it has blocked in. */
enum { BEFORE_T1 = 0x100 };

#define ROW(call, spi, beside, waiting, version, address_family)                                   \
    {                                                                                              \
        .name = #call "_beside_" #beside "_ipv" #version, .function = SPI_##spi,                   \
        .family = (address_family), .variant = (waiting),                                          \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

/* A cancelled transfer may take its connection along, and what else waits on it (S17). */
#define ROWS(version, family)                                                                      \
    ROW(select, WSPSelect, accept, SPI_WSPAccept, version, family),                                \
        ROW(select, WSPSelect, earlier_accept, BEFORE_T1 | SPI_WSPAccept, version, family),        \
        ROW(accept, WSPAccept, select, SPI_WSPSelect, version, family),                            \
        ROW(accept, WSPAccept, earlier_select, BEFORE_T1 | SPI_WSPSelect, version, family),        \
        ROW(select, WSPSelect, recv, SPI_WSPRecv, version, family),                                \
        ROW(select, WSPSelect, earlier_recvfrom, BEFORE_T1 | SPI_WSPRecvFrom, version, family),    \
        ROW(select, WSPSelect, send, SPI_WSPSend, version, family)

static const struct case_row calls[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/* A socket with a call that can only wait on it; nor does WSPSelect find room where that sends. */
static struct stage *arrange_shared(enum spi_function function, int family)
{
    struct stage *stage = arrange_blocked(function, family);

    if (function == SPI_WSPSend) {
        fill_until_unwritable(stage->socket);
    }
    return stage;
}

/* A WSPSelect that waits for what the stage's call waits for: room, or something to take. */
static struct operation *select_beside(struct stage *stage)
{
    static struct operation select;

    select = operation_select(stage->socket->entry, NULL);
    operation_select_add(&select, stage->function == SPI_WSPSend ? 1 : 0, &stage->socket, 1);
    select.complete = stage->operation.complete;
    select.other_end = stage;
    return &select;
}

static struct blocked_call *start_blocked(const char *thread, struct operation *operation,
                                          struct callback_script script)
{
    struct blocked_call *call = start_call(client_start(thread), operation, script);

    prove_blocked(call, 1);
    return call;
}

/* The WSPSelect for something to read on the stage's socket says so once there is something. */
static void expect_select_completes(struct stage *stage, const struct operation *select,
                                    struct blocked_call *call)
{
    if (!call_returned(call)) {
        stage_complete(stage);
    }
    if (join_completed(call, MUST("THR-03"), ONE_OF(RETURNS(1)))) {
        expect_that(MUST("THR-03"), fd_set_holds(fd_set_of(select->sets[0]), stage->socket->handle),
                    "the read set of the completed WSPSelect", "the socket is in it",
                    "the socket is not in it");
    }
}

/*
 * THR-03 (WSPCancelBlockingCall: S7, S15, S16): a cancel is for the call of the thread that makes
 * it, not for the socket. A second thread, blocked in another call on the same socket, goes on
 * waiting, and gets what comes.
 */
static void cancel_beside_another_call(const struct case_row *row)
{
    /* A socket on which two different calls can only wait: one is WSPSelect. */
    enum spi_function waiting = (enum spi_function)(row->variant & ~BEFORE_T1);
    bool selects = row->function == SPI_WSPSelect;
    struct stage *stage = arrange_shared(selects ? waiting : row->function, row->family);
    struct operation *select = select_beside(stage);
    struct blocked_call *t1 = NULL;
    struct blocked_call *t2 = NULL;
    static volatile LONG told;

    /* T1 blocks in the one, T2 in the other. */
    if ((row->variant & BEFORE_T1) != 0) {
        t2 = start_blocked("T2", selects ? &stage->operation : select, GOES_ON);
    }
    t1 = start_blocked("T1", selects ? select : &stage->operation, CANCELS_WHEN_TOLD(&told));
    if (t2 == NULL) {
        t2 = start_blocked("T2", selects ? &stage->operation : select, GOES_ON);
    }

    /* T1's next callback cancels, and T1's call ends. */
    InterlockedExchange(&told, 1);
    if (!join_cancelled(t1, MUST("THR-03"))) {
        return;
    }

    /* T2's waits, and completes when its peer lets it. */
    if (!expect_still_blocked(t2, MUST("THR-03"),
                              about("%s on T2, after a cancel of %s on T1 on the same socket",
                                    spi_function_name(waiting),
                                    spi_function_name(row->function)))) {
        return;
    }
    if (selects) {
        expect_completes(MUST("THR-03"), stage, t2);
    } else {
        expect_select_completes(stage, select, t2);
    }
}

CASE(thread, cancel_beside_another_call) = {
    .run = cancel_beside_another_call,
    .function = FROM_ROW,
    .requirements = "THR-03",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "blocks two threads in different calls on one socket, and cancels on one of them",
    .must = "its call ends; that of the other thread waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
