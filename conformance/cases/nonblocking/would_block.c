#include "harness/case.h"
#include "harness/mode.h"
#include "harness/names.h"

#include <stdio.h>
#include <stdlib.h>

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family)},

#define ROWS(version, address_family)                                                              \
    ROW(connect, WSPConnect, version, address_family)                                              \
    ROW(accept, WSPAccept, version, address_family)                                                \
    ROW(recv, WSPRecv, version, address_family)                                                    \
    ROW(recvfrom, WSPRecvFrom, version, address_family)                                            \
    ROW(send, WSPSend, version, address_family)

/* How the socket was made non-blocking; or FIONBIO, and what is special about the call besides. */
enum { TIMED = 0x10, PEEKS = 0x20, WAYS = 0xf, A_MINUTE_MS = 60000 };

#define SPECIAL(call, spi, what, variety)                                                          \
    {                                                                                              \
        .name = #call "_" #what "_ipv4", .function = SPI_##spi, .family = AF_INET,                 \
        .variant = (variety)                                                                       \
    }

static const struct case_row calls[] = {
    ROWS(4, AF_INET) ROWS(6, AF_INET6) SPECIAL(accept, WSPAccept, by_event_select, BY_EVENT_SELECT),
    SPECIAL(recv, WSPRecv, by_event_select, BY_EVENT_SELECT),
    SPECIAL(recvfrom, WSPRecvFrom, by_event_select, BY_EVENT_SELECT),
    SPECIAL(send, WSPSend, by_event_select, BY_EVENT_SELECT),
    SPECIAL(accept, WSPAccept, by_async_select, BY_ASYNC_SELECT),
    SPECIAL(recv, WSPRecv, by_async_select, BY_ASYNC_SELECT),
    SPECIAL(recv, WSPRecv, timed, BY_IOCTL | TIMED),
    SPECIAL(recvfrom, WSPRecvFrom, timed, BY_IOCTL | TIMED),
    SPECIAL(send, WSPSend, timed, BY_IOCTL | TIMED),
    SPECIAL(recv, WSPRecv, peek, BY_IOCTL | PEEKS),
    {.name = NULL},
};

/* Of several calls the fastest is looked at, for any one of them may have met a busy machine. */
enum { ROUNDS = 3, SENDS_MAX = 64, AT_ONCE_MS = 250 };

/* Makes the call on T1; one that does not return is a failure of its own. */
static struct blocked_call *make_call(struct stage *stage, struct client *t1)
{
    struct operation *operation = malloc(sizeof *operation);
    struct blocked_call *call;
    char what[96];

    *operation = operation_again(&stage->operation);
    call = start_call(t1, operation, GOES_ON);
    if (!wait_for_return(call, settings.budgets.data)) {
        release_call(call);
        snprintf(what, sizeof what, "%s on a non-blocking socket",
                 spi_function_name(stage->function));
        stop_case(ending(MUST("NB-01")), what, "it returns at once",
                  "it blocks, until it was rescued");
    }
    return call;
}

/* A send takes what there is room for, and there may be a little room again. */
static struct blocked_call *make_waiting_call(struct stage *stage, struct client *t1)
{
    struct blocked_call *call = make_call(stage, t1);

    for (int i = 1; stage->function == SPI_WSPSend && !call_outcome(call).failed && i < SENDS_MAX;
         i++) {
        call = make_call(stage, t1);
    }
    require_that(NEEDED("environment"),
                 stage->function != SPI_WSPConnect || call_outcome(call).failed,
                 "WSPConnect that nobody answers (G1)", "not done at once", "done at once");
    return call;
}

/*
 * NB-01 (non-blocking I/O overview): on a non-blocking socket a call that would have to wait says
 * so at once and calls nobody back, however the socket was made so, and whatever time the call
 * would have; and as nothing is blocked, there is nothing to cancel.
 */
static void would_block(const struct case_row *row)
{
    /* A socket on which the call can only wait, made non-blocking. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    unsigned rounds = row->function == SPI_WSPConnect ? 1 : ROUNDS;
    int64_t fastest = INT64_MAX;
    int64_t callbacks = 0;
    char what[96];

    require_nonblocking(stage->socket, (enum mode_change)(row->variant & WAYS));
    if ((row->variant & TIMED) != 0) {
        require_timeout(stage, A_MINUTE_MS);
    }
    stage->operation.flags = (row->variant & PEEKS) != 0 ? MSG_PEEK : 0;

    /* T1 makes the call. */
    snprintf(what, sizeof what, "%s on a non-blocking socket", spi_function_name(row->function));
    for (unsigned round = 0; round < rounds; round++) {
        struct blocked_call *call = make_waiting_call(stage, t1);
        const struct spi_call *record = call_record(call);
        if (!expect_outcome(MUST("NB-01"), what, call_outcome(call),
                            ONE_OF(FAILS_WITH(WSAEWOULDBLOCK)))) {
            return;
        }
        fastest = min(fastest, record->left - record->entered);
        callbacks += record->callbacks;
    }

    /* It was not kept waiting, and nobody was called back. */
    snprintf(what, sizeof what, "milliseconds that the fastest %s on a non-blocking socket took",
             spi_function_name(row->function));
    expect_at_most(SHOULD("NB-01"), what, AT_ONCE_MS, fastest / 1000);
    expect_number(MUST("NB-01"), "blocking callbacks in calls on a non-blocking socket", 0,
                  callbacks + callback_strays());

    /* Nothing is blocked. A ws2_32 cancels only in the callback, so it never asks. */
    if (settings.mode != MODE_WS2_32) {
        expect_nothing_to_cancel(MUST("NB-01"),
                                 "WSPCancelBlockingCall after a call on a non-blocking socket",
                                 idle_cancel_on(t1, stage->socket->entry));
    }
}

CASE(nonblocking, would_block) = {
    .run = would_block,
    .function = FROM_ROW,
    .requirements = "NB-01",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT | MODE_WS2_32 | MODE_NO_CALLBACK,
    .does = "makes a call that could only wait, on a non-blocking socket; then cancels",
    .must = "the call fails at once with WSAEWOULDBLOCK, uncalled back; the cancel with WSAEINVAL",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = calls,
};
