#include "harness/case.h"
#include "harness/names.h"

#include <stdio.h>

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version,                                                                \
     .function = SPI_##spi,                                                                        \
     .family = (address_family),                                                                   \
     .rests_on = RESTS_ON_RELEASED(call)},

#define ROWS(version, address_family)                                                              \
    ROW(connect, WSPConnect, version, address_family)                                              \
    ROW(accept, WSPAccept, version, address_family)                                                \
    ROW(select, WSPSelect, version, address_family)                                                \
    ROW(recv, WSPRecv, version, address_family)                                                    \
    ROW(recvfrom, WSPRecvFrom, version, address_family)

static const struct case_row calls[] = {ROWS(4, AF_INET) ROWS(6, AF_INET6){.name = NULL}};

/* A callback function, and the context it is given out with; small, for BHK-03 has the wide ones.
 */
struct callback {
    unsigned function;
    DWORD_PTR context;
};

static const struct callback first = {1, 0x1111};
static const struct callback other = {2, 0x2222};
static const struct callback next = {3, 0x3333};

static void give(struct client *client, const struct callback *callback)
{
    callback_set(client_thread(client), callback->function, callback->context);
}

/* In mode ws2_32 all contexts are the same, and the function alone tells. */
static bool is_callback(const struct callback_record *record, const struct callback *callback)
{
    return record->callback == callback->function &&
           (settings.mode == MODE_WS2_32 || record->context == callback->context);
}

static void judge_callbacks(const struct blocked_call *call, const struct callback *own,
                            const char *what)
{
    const struct spi_call *record = call_record(call);
    char wanted[64];

    snprintf(wanted, sizeof wanted, "function %u with context 0x%llx", own->function,
             (unsigned long long)own->context);
    for (LONG i = 0; i < record->callbacks && i < CALLBACKS_RECORDED; i++) {
        const struct callback_record *called = &record->callback[i];
        if (!expect_that(MUST("BHK-06"), is_callback(called, own), what, wanted,
                         "function %u with context 0x%llx", called->callback,
                         (unsigned long long)called->context)) {
            return;
        }
    }
}

/*
 * BHK-06 (blocking hook overview: it is per thread): each thread has a blocking callback of its
 * own, and its next call uses the one that the thread has then.
 */
static void belongs_to_its_thread(const struct case_row *row)
{
    /* Two threads with callbacks of their own, and sockets on which calls can only wait. */
    struct stage *stages[3] = {arrange_blocked(row->function, row->family),
                               arrange_blocked(row->function, row->family),
                               arrange_blocked(row->function, row->family)};
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    struct blocked_call *calls_made[3];

    give(t1, &first);
    give(t2, &other);

    /* Both block at the same time, and T1 is called back after T2 has asked for its callback. */
    for (unsigned i = 0; i < 2; i++) {
        struct operation *operation = &stages[i]->operation;
        calls_made[i] = start_call(i == 0 ? t1 : t2, operation, goes_on_until(operation, 2));
        prove_blocked(calls_made[i], 1);
    }
    wait_for_callback_end(calls_made[0], 2, settings.budgets.hook);
    release_call(calls_made[0]);

    /* T1 makes another call, and has another callback by now; T2 waits all the while. */
    give(t1, &next);
    calls_made[2] = start_call(t1, &stages[2]->operation, goes_on_until(&stages[2]->operation, 1));
    prove_blocked(calls_made[2], 1);
    release_call(calls_made[2]);
    release_call(calls_made[1]);

    /* Each callback came on its thread, in its call. */
    judge_callbacks(calls_made[0], &first, "what was called back on T1, blocked beside T2");
    judge_callbacks(calls_made[1], &other, "what was called back on T2, blocked beside T1");
    judge_callbacks(calls_made[2], &next, "what was called back on T1 in the call after a change");
}

CASE(callback, belongs_to_its_thread) = {
    .run = belongs_to_its_thread,
    .function = FROM_ROW,
    .requirements = "BHK-06",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does =
        "lets two threads with callbacks of their own block, and one of them again with another",
    .must = "each call is served by the callback that its thread had when the call was made",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
