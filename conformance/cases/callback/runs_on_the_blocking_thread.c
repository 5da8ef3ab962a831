#include "harness/case.h"
#include "harness/evidence.h"
#include "harness/names.h"

#include <stdio.h>

enum { CALLS_MAX = 4 };

static const enum spi_function receiving[CALLS_MAX] = {SPI_WSPAccept, SPI_WSPSelect, SPI_WSPRecv,
                                                       SPI_WSPRecvFrom};
static const enum spi_function sending[CALLS_MAX] = {SPI_WSPConnect, SPI_WSPSend,
                                                     SPI_FUNCTION_COUNT, SPI_FUNCTION_COUNT};

#define ROWS(version, address_family)                                                              \
    {.name = "receiving_ipv" #version,                                                             \
     .function = SPI_WSPRecv,                                                                      \
     .family = (address_family),                                                                   \
     .variant = (intptr_t)receiving},                                                              \
        {.name = "sending_ipv" #version,                                                           \
         .function = SPI_WSPSend,                                                                  \
         .family = (address_family),                                                               \
         .variant = (intptr_t)sending},

static const struct case_row groups[] = {ROWS(4, AF_INET) ROWS(6, AF_INET6){.name = NULL}};

/* One thread that makes a call which can only wait. */
struct blocker {
    char name[8];
    struct stage *stage;
    struct client *client;
    struct blocked_call *call;
    bool called;
};

/* A thread's callback function is its own alone; the main thread's is function 0. */
static unsigned arrange(struct blocker *blockers, const enum spi_function *functions, int family)
{
    unsigned count = 0;

    while (count < CALLS_MAX && functions[count] != SPI_FUNCTION_COUNT) {
        struct blocker *blocker = &blockers[count++];
        snprintf(blocker->name, sizeof blocker->name, "T%u", count);
        blocker->stage = arrange_blocked(functions[count - 1], family);
        blocker->client = client_start(blocker->name);
        callback_set(client_thread(blocker->client), count,
                     client_thread(blocker->client)->context);
    }
    return count;
}

/* All of them have the same time for their first callback. */
static void wait_for_callbacks(struct blocker *blockers, unsigned count)
{
    int64_t deadline = evidence_now() + (int64_t)settings.budgets.hook * 1000;

    for (unsigned i = 0; i < count; i++) {
        int64_t left = deadline - evidence_now();
        blockers[i].called =
            wait_for_callback(blockers[i].call, 1, left > 0 ? (DWORD)(left / 1000) : 0);
    }
}

static void judge_thread(const struct blocker *blocker)
{
    const struct spi_call *record = call_record(blocker->call);
    const char *function = spi_function_name(blocker->stage->function);
    unsigned own = client_thread(blocker->client)->callback;
    char what[96];

    snprintf(what, sizeof what, "the blocking callback during %s (G2)", function);
    require_that(NEEDED("provider"), blocker->called, what,
                 about("called within %lu ms", settings.budgets.hook), "not called");
    prove(PROOF_BLOCKED, "blocking callback on %s, inside %s", blocker->name, function);
    prove(PROOF_CALLBACK, "called %ld times", record->callbacks);
    snprintf(what, sizeof what, "WPUQueryBlockingCallback on the thread blocked in %s", function);
    expect_that(MUST("BHK-05"), record->queries > 0, what, "called", "not called");
    snprintf(what, sizeof what, "the blocking callback called on the thread blocked in %s",
             function);
    for (LONG i = 0; i < record->callbacks && i < CALLBACKS_RECORDED; i++) {
        if (!expect_that(MUST("BHK-05"), record->callback[i].callback == own, what,
                         "that thread's own", "that of another thread")) {
            return;
        }
    }
}

/*
 * BHK-05 (blocking hook overview: it is per thread): a call that is blocked asks for the blocking
 * callback, and calls it, on the thread that makes the call and on no other.
 */
static void runs_on_the_blocking_thread(const struct case_row *row)
{
    /* Threads with callbacks of their own, and for each a socket on which its call can only wait.
     */
    struct blocker blockers[CALLS_MAX] = {0};
    unsigned count = arrange(blockers, (const enum spi_function *)row->variant, row->family);

    /* All of them block at the same time, until each is called back. */
    for (unsigned i = 0; i < count; i++) {
        struct operation *operation = &blockers[i].stage->operation;
        blockers[i].call = start_call(blockers[i].client, operation, goes_on_until(operation, 1));
    }
    wait_for_callbacks(blockers, count);
    for (unsigned i = 0; i < count; i++) {
        release_call(blockers[i].call);
    }

    /* Nothing of it was seen on a thread that makes no call. */
    expect_number(MUST("BHK-05"), "WPUQueryBlockingCallback on a thread that is in no call", 0,
                  upcall_stray_queries());
    expect_number(MUST("BHK-05"), "blocking callbacks on a thread that is in no call", 0,
                  callback_strays());

    /* Each of the blocked threads had its own. */
    for (unsigned i = 0; i < count; i++) {
        judge_thread(&blockers[i]);
    }
}

CASE(callback, runs_on_the_blocking_thread) = {
    .run = runs_on_the_blocking_thread,
    .function = FROM_ROW,
    .requirements = "BHK-05",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets several threads block at the same time, each with a callback of its own",
    .must = "each thread asks for its callback and is called back, and no other thread is",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "callback/is_called_at_all",
    .rows = groups,
};
