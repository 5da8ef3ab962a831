#include "harness/case.h"
#include "harness/mode.h"
#include "harness/names.h"

#include <stdlib.h>

#define ROW(way, how, version, address_family)                                                     \
    {                                                                                              \
        .name = #way "_ipv" #version, .family = (address_family), .variant = (how)                 \
    }

#define ROWS(version, family)                                                                      \
    ROW(by_ioctl, BY_IOCTL, version, family),                                                      \
        ROW(by_event_select, BY_EVENT_SELECT, version, family),                                    \
        ROW(by_async_select, BY_ASYNC_SELECT, version, family)

static const struct case_row ways[] = {ROWS(4, AF_INET), ROWS(6, AF_INET6), {.name = NULL}};

/* A send takes what there is room for, and there may be a little room again. */
enum { CALLS_MAX = 64 };

static const struct {
    enum spi_function function;
    int type;
    bool sending_ended;
} calls[] = {
    {SPI_WSPAccept, SOCK_STREAM, false},  {SPI_WSPRecv, SOCK_STREAM, false},
    {SPI_WSPSend, SOCK_STREAM, false},    {SPI_WSPRecvFrom, SOCK_DGRAM, false},
    {SPI_WSPConnect, SOCK_STREAM, false}, {SPI_WSPRecv, SOCK_STREAM, true},
};

/* A provider with streams only, or with datagrams only, is asked for what it has. */
static bool is_left_out(int family, int type)
{
    int other = type == SOCK_STREAM ? SOCK_DGRAM : SOCK_STREAM;

    return settings.claimed_absent[entry_for(family, type)] &&
           !settings.claimed_absent[entry_for(family, other)];
}

/* Makes the call until it has nothing left to do at once; false if it was called back. */
static bool makes_calls_alone(struct stage *stage, struct client *t1)
{
    for (int i = 0; i < CALLS_MAX; i++) {
        struct operation *operation = malloc(sizeof *operation);
        struct blocked_call *call;
        *operation = operation_again(&stage->operation);
        call = start_call(t1, operation, GOES_ON);
        if (wait_for_callback(call, 1, settings.budgets.hook)) {
            release_call(call);
            return false;
        }
        if (!call_returned(call)) {
            release_call(call);
            stop_case(NEEDED("provider"),
                      about("%s on a non-blocking socket", spi_function_name(stage->function)),
                      "it returns", "it blocks without a callback");
        }
        if (call_outcome(call).failed) {
            break;
        }
    }
    return true;
}

/*
 * BHK-08 (blocking hook overview: when the hook is called): on a non-blocking socket nothing
 * blocks, and so nobody is called back, whichever way the socket was made non-blocking.
 */
static void is_not_called_on_nonblocking_sockets(const struct case_row *row)
{
    struct client *t1 = client_start("T1");

    for (unsigned i = 0; i < ARRAYSIZE(calls); i++) {
        struct stage *stage;
        if (is_left_out(row->family, calls[i].type)) {
            continue;
        }

        /* A socket on which the call could only wait, made non-blocking as the row has it. */
        stage = arrange_blocked(calls[i].function, row->family);
        require_nonblocking(stage->socket, (enum mode_change)row->variant);
        if (calls[i].sending_ended) {
            require_outcome(NEEDED("provider"), "WSPShutdown SD_SEND",
                            spi_shutdown(stage->socket, SD_SEND), ONE_OF(RETURNS(0)));
        }

        /* T1 makes the call, and is not called back. */
        if (!expect_that(MUST("BHK-08"), makes_calls_alone(stage, t1),
                         about("the blocking callback during %s on a non-blocking socket",
                               spi_function_name(calls[i].function)),
                         "not called", "called")) {
            return;
        }
    }
    expect_number(MUST("BHK-08"), "blocking callbacks on a thread that is in no call", 0,
                  callback_strays());
}

CASE(callback, is_not_called_on_nonblocking_sockets) = {
    .run = is_not_called_on_nonblocking_sockets,
    .function = SPI_WSPRecv,
    .requirements = "BHK-08",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes each call that could only wait, on a socket made non-blocking as the row has it",
    .must = "none of them calls the blocking callback",
    .proofs = PROOF_STARTED,
    .rests_on = "callback/is_called_at_all",
    .rows = ways,
};
