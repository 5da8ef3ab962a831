#include "harness/case.h"
#include "harness/names.h"

#define ROW(call, spi)                                                                             \
    {                                                                                              \
        .name = #call "_ipv4", .function = SPI_##spi, .family = AF_INET, .modes = WITH_CALLBACK,   \
        .proofs = PROOF_BLOCKED | PROOF_CALLBACK,                                                  \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

/* Another thread makes the same call on the socket. */
enum { BESIDE = 1 };

/* The last one is about a thread that is in no call. */
static const struct case_row situations[] = {ROW(connect, WSPConnect),
                                             ROW(accept, WSPAccept),
                                             ROW(select, WSPSelect),
                                             ROW(recv, WSPRecv),
                                             ROW(recvfrom, WSPRecvFrom),
                                             ROW(send, WSPSend),
                                             {.name = "recv_beside_a_receiver_ipv4",
                                              .function = SPI_WSPRecv,
                                              .family = AF_INET,
                                              .modes = WITH_CALLBACK,
                                              .proofs = PROOF_BLOCKED | PROOF_CALLBACK,
                                              .rests_on = "cancel/ends_the_blocked_call/recv_ipv4",
                                              .variant = BESIDE},
                                             {.name = "idle",
                                              .function = SPI_WSPCancelBlockingCall,
                                              .family = AF_UNSPEC,
                                              .modes = DRIVEN_DIRECTLY},
                                             {.name = NULL}};

/* Of several cancels the fastest is looked at, for any one may have met a busy machine. */
enum { ROUNDS = 2 };

/* The fastest cancel so far, in microseconds; the callbacks that were called in cancels. */
static int64_t fastest_cancel(int64_t *callbacks)
{
    int64_t fastest = INT64_MAX;

    *callbacks = 0;
    for (unsigned i = 0; spi_call_at(i) != NULL; i++) {
        const struct spi_call *call = spi_call_at(i);
        if (call->function == SPI_WSPCancelBlockingCall && call->left != 0) {
            fastest = min(fastest, call->left - call->entered);
            *callbacks += call->callbacks;
        }
    }
    return fastest;
}

/* One more cancel, as the row has it. */
static void cancel_once(const struct case_row *row, struct client *t1)
{
    struct stage *stage;

    if (row->function == SPI_WSPCancelBlockingCall) {
        idle_cancel_on(t1, provider_primary());
        return;
    }
    stage = arrange_blocked(row->function, row->family);
    if (row->variant == BESIDE) {
        struct stage *other = arrange_again(stage);
        prove_blocked(start_call(client_start("T2"), &other->operation, GOES_ON), 1);
    }
    require_failed_by_cancel(start_call(t1, &stage->operation, CANCELS_AT(1)));
}

/*
 * CBC-25 (WSPCancelBlockingCall: S4, S6): cancelling is no blocking call itself: it comes back with
 * its answer, and calls nobody back on the way; in a callback and, where nothing is blocked,
 * outside.
 */
static void neither_waits_nor_calls_back(const struct case_row *row)
{
    /* A provider that was started, and a thread. */
    struct client *t1 = client_start("T1");
    int64_t callbacks = 0;
    int64_t fastest = INT64_MAX;

    if (row->function == SPI_WSPCancelBlockingCall) {
        provider_start_any();
    }

    /* T1 cancels: its blocked call, from the callback; or with nothing to cancel. */
    for (int i = 0; i < ROUNDS && fastest > (int64_t)settings.budgets.quiet * 1000; i++) {
        cancel_once(row, t1);
        fastest = fastest_cancel(&callbacks);
    }

    /* The cancel came back at once, and called nobody back. */
    expect_at_most(MUST("CBC-25"), "milliseconds that the fastest WSPCancelBlockingCall took",
                   settings.budgets.cancel, fastest / 1000);
    expect_at_most(SHOULD("CBC-25"), "milliseconds that the fastest WSPCancelBlockingCall took",
                   settings.budgets.quiet, fastest / 1000);
    expect_number(MUST("CBC-25"), "blocking callbacks called by WSPCancelBlockingCall", 0,
                  callbacks + (row->function == SPI_WSPCancelBlockingCall ? callback_strays() : 0));
}

CASE(cancel, neither_waits_nor_calls_back) = {
    .run = neither_waits_nor_calls_back,
    .function = SPI_WSPCancelBlockingCall,
    .requirements = "CBC-25",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels, from the callback of a blocked call or on an idle thread",
    .must = "WSPCancelBlockingCall returns at once, and calls no blocking callback",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = situations,
};
