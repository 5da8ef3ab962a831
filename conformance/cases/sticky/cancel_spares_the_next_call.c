#include "harness/case.h"
#include "harness/names.h"

/* Instead of a function; or added to one whose call has a timeout, which does not run out. */
enum { SAME_SOCKET = -1, TIMED = 0x100, A_MINUTE_MS = 60000 };

/*
 * Added to the function if it is the first call that has a timeout. It ends while the next call
 * waits, but not before the first one is cancelled: a slower provider is given more.
 */
enum { ENDS_SOON = 0x200, SOON_MS = 80, SOON_TIMES = 4, SOON_AT_MOST_MS = 1280, BEYOND_MS = 60 };

#define ROW(call, spi, then, next, version, address_family)                                        \
    {                                                                                              \
        .name = #call "_then_" #then "_ipv" #version, .function = SPI_##spi,                       \
        .family = (address_family), .variant = (next),                                             \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

/* After a cancel any socket but that of an accept or a select may be fit for closing only. */
#define ROWS(version, family)                                                                      \
    ROW(accept, WSPAccept, same_socket, SAME_SOCKET, version, family),                             \
        ROW(select, WSPSelect, same_socket, SAME_SOCKET, version, family),                         \
        ROW(connect, WSPConnect, recv, SPI_WSPRecv, version, family),                              \
        ROW(accept, WSPAccept, recv, SPI_WSPRecv, version, family),                                \
        ROW(select, WSPSelect, accept, SPI_WSPAccept, version, family),                            \
        ROW(recv, WSPRecv, recv, SPI_WSPRecv, version, family),                                    \
        ROW(recvfrom, WSPRecvFrom, select, SPI_WSPSelect, version, family),                        \
        ROW(send, WSPSend, recvfrom, SPI_WSPRecvFrom, version, family),                            \
        ROW(recvfrom, WSPRecvFrom, timed_select, TIMED | SPI_WSPSelect, version, family),          \
        ROW(select, WSPSelect, timed_recv, TIMED | SPI_WSPRecv, version, family)

/* What outlives the first call is set on another socket, or in another WSPSelect. */
#define TIMED_ROW(call, spi, then, next, version, address_family)                                  \
    {                                                                                              \
        .name = "timed_" #call "_then_" #then "_ipv" #version, .function = SPI_##spi,              \
        .family = (address_family), .variant = ENDS_SOON | (next),                                 \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

#define TIMED_ROWS                                                                                 \
    TIMED_ROW(recv, WSPRecv, recv, SPI_WSPRecv, 4, AF_INET),                                       \
        TIMED_ROW(recvfrom, WSPRecvFrom, recvfrom, SPI_WSPRecvFrom, 4, AF_INET),                   \
        TIMED_ROW(select, WSPSelect, select, SPI_WSPSelect, 4, AF_INET),                           \
        TIMED_ROW(select, WSPSelect, recv, SPI_WSPRecv, 4, AF_INET),                               \
        TIMED_ROW(send, WSPSend, recv, SPI_WSPRecv, 4, AF_INET),                                   \
        TIMED_ROW(recv, WSPRecv, recv, SPI_WSPRecv, 6, AF_INET6)

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    ROW(recv, WSPRecv, send, SPI_WSPSend, 4, AF_INET),
    ROW(accept, WSPAccept, timed_send, TIMED | SPI_WSPSend, 4, AF_INET),
    ROW(select, WSPSelect, timed_recvfrom, TIMED | SPI_WSPRecvFrom, 4, AF_INET),
    TIMED_ROWS,
    {.name = NULL},
};

/* A stage for the call after the cancelled one. */
static struct stage *arrange_next(const struct stage *stage, intptr_t next)
{
    struct stage *arranged;

    if (next == SAME_SOCKET) {
        return arrange_again(stage);
    }
    arranged = arrange_blocked((enum spi_function)(next & ~(TIMED | ENDS_SOON)), stage->family);
    if ((next & TIMED) != 0) {
        require_timeout(arranged, A_MINUTE_MS);
    }
    return arranged;
}

static bool ran_out_of_time(const struct stage *stage, struct outcome outcome)
{
    return stage->function == SPI_WSPSelect ? !outcome.failed && outcome.value == 0
                                            : outcome_is_error(outcome, WSAETIMEDOUT);
}

/* Cancels a call on the client's thread before its timeout ends, which is how many ms. */
static DWORD cancel_in_time(struct client *client, struct stage *stage)
{
    for (DWORD timeout = SOON_MS; timeout <= SOON_AT_MOST_MS; timeout *= SOON_TIMES) {
        struct blocked_call *call;
        require_timeout(stage, timeout);
        call = start_call(client, &stage->operation, CANCELS_AT(1));
        if (!wait_for_return(call, settings.budgets.hook) ||
            !ran_out_of_time(stage, call_outcome(call))) {
            require_cancelled(call);
            return timeout;
        }
        stage = arrange_blocked(stage->function, stage->family);
    }
    stop_case(NEEDED("provider"), "a call that is cancelled before its timeout ends",
              about("it is, within %d ms", SOON_AT_MOST_MS), "it ran out of time");
}

/*
 * STICKY-01 (WSPCancelBlockingCall: S7, S22): a cancel ends the call it was made in, and no later
 * one of that thread: the next one waits as it should, and completes.
 */
static void cancel_spares_the_next_call(const struct case_row *row)
{
    /* A socket on which the call can only wait, and one for the call after it. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct stage *next = arrange_next(stage, row->variant);
    struct blocked_call *call;
    DWORD timeout = 0;

    /* T1 blocks; its callback cancels. */
    if (row->variant >= ENDS_SOON) {
        timeout = cancel_in_time(t1, stage);
    } else {
        require_cancelled(start_call(t1, &stage->operation, CANCELS_AT(1)));
    }

    /* T1's next call waits, however long, and completes when its peer lets it. */
    call = start_call(t1, &next->operation, GOES_ON);
    if (timeout != 0) {
        wait_for_return(call, timeout + BEYOND_MS);
    }
    if (expect_still_blocked(call, MUST("STICKY-01"),
                             about("%s on the thread whose %s was cancelled",
                                   spi_function_name(next->function),
                                   spi_function_name(stage->function)))) {
        expect_completes(MUST("STICKY-01"), next, call);
    }
}

CASE(sticky, cancel_spares_the_next_call) = {
    .run = cancel_spares_the_next_call,
    .function = FROM_ROW,
    .requirements = "STICKY-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked call, then makes another one on the same thread",
    .must = "the next call waits, and completes",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED | PROOF_COMPLETED,
    .rows = calls,
};
