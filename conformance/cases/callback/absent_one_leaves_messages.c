#include "harness/case.h"
#include "harness/names.h"
#include "harness/pump.h"

#define ROW(call, spi, version, address_family)                                                    \
    {.name = #call "_ipv" #version, .function = SPI_##spi, .family = (address_family)},

static const struct case_row calls[] = {
    ROW(accept, WSPAccept, 4, AF_INET) ROW(select, WSPSelect, 4, AF_INET)
        ROW(recv, WSPRecv, 4, AF_INET) ROW(recvfrom, WSPRecvFrom, 4, AF_INET)
            ROW(send, WSPSend, 4, AF_INET) ROW(recv, WSPRecv, 6, AF_INET6){.name = NULL},
};

/* Messages 1 to 6 are there before the call, every third of them for no window; 7 and 8 come. */
enum { EARLY = 6, ALL = 8, FOR_THE_THREAD = 3 };

/* How often each was dispatched to its window, by number; and what was left, in order. */
static volatile LONG dispatched[ALL + 1];
static struct {
    void *number[ALL + 1];
    unsigned count;
} left;

static void count_message(void *argument)
{
    InterlockedIncrement(&dispatched[(intptr_t)argument]);
}

static void post_early(void *argument)
{
    struct message_window *window = argument;

    for (intptr_t number = 1; number <= EARLY; number++) {
        bool posted = number % FOR_THE_THREAD == 0 ? message_post_to_thread((void *)number)
                                                   : message_window_post(window, (void *)number);
        if (!posted) {
            return;
        }
        left.count++;
    }
}

static void take_left(void *argument)
{
    (void)argument;
    left.count = messages_take_left(left.number, ARRAYSIZE(left.number));
}

static LONG times_left(intptr_t number)
{
    LONG times = 0;

    for (unsigned i = 0; i < left.count; i++) {
        times += (intptr_t)left.number[i] == number;
    }
    return times;
}

/* What became of the messages; a provider that handles messages itself gives them to the client. */
static void expect_all_there(const char *name)
{
    unsigned given = 0;
    bool in_order = true;

    for (intptr_t number = 1; number <= ALL; number++) {
        LONG times = dispatched[number] + times_left(number);
        given += dispatched[number] != 0;
        expect_that(SHOULD("BHK-14"), times == 1,
                    about("how often message %d of %d is there after %s", (int)number, ALL, name),
                    "once, in the queue or dispatched to its window", "%ld times", times);
    }
    for (unsigned i = 1; i < left.count; i++) {
        in_order = in_order && left.number[i - 1] < left.number[i];
    }
    expect_holds(SHOULD("BHK-14"), in_order,
                 about("the messages that are left in the queue after %s", name),
                 "in the order in which they were posted", "in another order");
    if (given > 0) {
        record_choice("%s without a blocking callback dispatches messages itself: %u of %d", name,
                      given, ALL);
    }
}

/*
 * BHK-14 (blocking hook overview): the messages of a thread that blocks without a blocking callback
 * are the client's. They are in the queue afterwards, in their order; a provider that dispatches
 * messages while it waits (PSB-06) has given them to their windows, once.
 */
static void absent_one_leaves_messages(const struct case_row *row)
{
    /* A socket on which the call can only wait, and messages for T1 and its window. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, count_message);
    struct blocked_call *call;

    client_run(t1, post_early, window);
    require_that(NEEDED("environment"), left.count == EARLY, "messages to T1 and to its window",
                 "posted", "%u of %d", left.count, EARLY);

    /* T1 blocks natively; more messages come; its call completes. */
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_native_wait(call);
    for (intptr_t number = EARLY + 1; number <= ALL; number++) {
        pump_post(window, (void *)number);
    }
    if (!expect_completes(NEEDED("provider"), stage, call)) {
        return;
    }

    /* None of the messages is lost, doubled, or out of order. */
    client_run(t1, take_left, NULL);
    expect_all_there(spi_function_name(row->function));
}

CASE(callback, absent_one_leaves_messages) = {
    .run = absent_one_leaves_messages,
    .function = FROM_ROW,
    .requirements = "BHK-14",
    .level = LEVEL_SHOULD,
    .modes = MODE_NO_CALLBACK,
    .does =
        "lets the call of a thread without a blocking callback wait, with messages in its queue",
    .must = "each message is there afterwards, in its order, or was dispatched to its window once",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = calls,
};
