#include "harness/case.h"
#include "harness/names.h"
#include "harness/pump.h"

/* Whether, and how, the message that cancels also tells the thread to end its message loop. */
enum { NO_QUIT, QUIT, QUIT_AS_MESSAGE };

#define ROW(call, spi, version, address_family)                                                    \
    ROW_WITH(#call "_ipv" #version, call, spi, NO_QUIT, address_family)
#define ROW_WITH(row_name, call, spi, quit, address_family)                                        \
    {                                                                                              \
        .name = (row_name), .function = SPI_##spi, .family = (address_family), .variant = (quit),  \
        .rests_on = "cancel/ends_the_blocked_call/" #call "_ipv4"                                  \
    }

#define QUITS(call, spi)                                                                           \
    ROW_WITH(#call "_and_quit_ipv4", call, spi, QUIT, AF_INET),                                    \
        ROW_WITH(#call "_and_quit_as_message_ipv4", call, spi, QUIT_AS_MESSAGE, AF_INET)

static const struct case_row calls[] = {ROW(connect, WSPConnect, 4, AF_INET),
                                        ROW(accept, WSPAccept, 4, AF_INET),
                                        ROW(select, WSPSelect, 4, AF_INET),
                                        ROW(recv, WSPRecv, 4, AF_INET),
                                        ROW(recvfrom, WSPRecvFrom, 4, AF_INET),
                                        ROW(recv, WSPRecv, 6, AF_INET6),
                                        QUITS(accept, WSPAccept),
                                        QUITS(select, WSPSelect),
                                        QUITS(recv, WSPRecv),
                                        {.name = NULL}};

/* The messages are numbered from 1; the second one cancels, and is the last to be dispatched. */
enum { CANCELS = 2, ALL = 6 };

static volatile LONG dispatched[ALL + 1];
static struct callback_turn *turn_of_the_hook;
static intptr_t quit;
static bool quit_posted;
static struct {
    void *number[ALL + 1];
    unsigned count;
    unsigned quits;
} left;

static void handle(void *argument)
{
    intptr_t number = (intptr_t)argument;

    InterlockedIncrement(&dispatched[number]);
    if (number == CANCELS && turn_of_the_hook != NULL) {
        callback_cancel(turn_of_the_hook);
        quit_posted = quit != NO_QUIT && message_post_quit(quit == QUIT ? BY_POST_QUIT_MESSAGE
                                                                        : BY_POST_THREAD_MESSAGE);
    }
}

/* As the classic hook, one message at a time; none any more once the call was cancelled. */
static BOOL dispatches_one(struct callback_turn *turn)
{
    turn_of_the_hook = turn;
    message_dispatch_one();
    turn_of_the_hook = NULL;
    return !turn->record->cancelled || turn->record->cancel.failed;
}

static void take_left(void *argument)
{
    (void)argument;
    left.count = messages_take_left(left.number, ARRAYSIZE(left.number));
    left.quits = messages_take_quits();
}

static LONG times_there(intptr_t number)
{
    LONG times = dispatched[number];

    for (unsigned i = 0; i < left.count; i++) {
        times += (intptr_t)left.number[i] == number;
    }
    return times;
}

/* No window gets a WM_QUIT, so only in the queue can it be. */
static void expect_quit_left(const char *name)
{
    require_that(NEEDED("environment"), quit_posted, "a WM_QUIT to the thread", "posted",
                 "refused");
    expect_number(SHOULD("PSB-07"),
                  about("how many WM_QUIT are in the queue after %s, whose callback cancelled it "
                        "and posted one",
                        name),
                  1, left.quits);
}

/*
 * PSB-07 (WSPCancelBlockingCall: S11): the message that cancels ends the call, not the client's
 * other messages. Those behind it are in the queue still, or have been dispatched, each once.
 */
static void keeps_later_messages(const struct case_row *row)
{
    /* A socket on which the call can only wait, and messages for a window of T1's. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct message_window *window = pump_window(t1, handle);
    struct callback_script script = ACTS(dispatches_one, NULL);

    quit = row->variant;
    for (intptr_t number = 1; number <= ALL; number++) {
        pump_post(window, (void *)number);
    }

    /* T1 blocks; its callback dispatches a message each time it is called; one cancels. */
    script.every_time = true;
    require_failed_by_cancel(start_call(t1, &stage->operation, script));

    /* All the others are there, once. */
    client_run(t1, take_left, NULL);
    for (intptr_t number = CANCELS + 1; number <= ALL; number++) {
        expect_that(SHOULD("PSB-07"), times_there(number) == 1,
                    about("how often message %d of %d is there, when message %d has cancelled %s",
                          (int)number, ALL, CANCELS, spi_function_name(row->function)),
                    "once, in the queue or dispatched", "%ld times", times_there(number));
    }
    if (quit != NO_QUIT) {
        expect_quit_left(spi_function_name(row->function));
    }
}

CASE(cancel, keeps_later_messages) = {
    .run = keeps_later_messages,
    .function = FROM_ROW,
    .requirements = "PSB-07",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "cancels from the second of six messages that are in the queue of the blocked thread",
    .must = "the messages behind it are in the queue afterwards, or have been dispatched, once",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = calls,
};
