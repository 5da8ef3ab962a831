#include "harness/case.h"
#include "harness/names.h"

#include <stdlib.h>

enum { A_MOMENT_MS = 50 };

/* How the call fails; the last four do so at once. */
enum failure {
    TIMES_OUT,
    IS_RESET,
    TOO_LONG,
    IS_REJECTED,
    REFUSED,
    NO_SOCKET,
    NOT_CONNECTED,
    NOT_LISTENING
};

#define ROW(call, spi, how, failure, version, address_family, driven)                              \
    {                                                                                              \
        .name = #call "_" #how "_ipv" #version, .function = SPI_##spi, .family = (address_family), \
        .variant = (failure), .modes = (driven)                                                    \
    }

/* Those that have to be seen to wait first need their callback for that. */
#define WAITING(call, spi, how, failure, version, address_family)                                  \
    {                                                                                              \
        .name = #call "_" #how "_ipv" #version, .function = SPI_##spi, .family = (address_family), \
        .variant = (failure), .modes = MODE_DIRECT, .proofs = PROOF_BLOCKED,                       \
        .rests_on = "callback/is_called_while_blocked/" #call "_ipv4"                              \
    }

#define ROWS(version, family, driven)                                                              \
    ROW(recv, WSPRecv, times_out, TIMES_OUT, version, family, driven),                             \
        ROW(recvfrom, WSPRecvFrom, times_out, TIMES_OUT, version, family, driven),                 \
        WAITING(send, WSPSend, is_reset, IS_RESET, version, family),                               \
        WAITING(recvfrom, WSPRecvFrom, is_too_long, TOO_LONG, version, family),                    \
        ROW(connect, WSPConnect, is_refused, REFUSED, version, family, driven),                    \
        ROW(recv, WSPRecv, has_no_socket, NO_SOCKET, version, family, driven),                     \
        ROW(select, WSPSelect, has_no_socket, NO_SOCKET, version, family, driven),                 \
        ROW(recv, WSPRecv, is_not_connected, NOT_CONNECTED, version, family, driven)

static const struct case_row failures[] = {
    ROWS(4, AF_INET, DRIVEN_DIRECTLY),
    ROWS(6, AF_INET6, MODE_DIRECT),
    ROW(send, WSPSend, times_out, TIMES_OUT, 4, AF_INET, MODE_DIRECT),
    WAITING(recv, WSPRecv, is_reset, IS_RESET, 4, AF_INET),
    WAITING(accept, WSPAccept, is_rejected, IS_REJECTED, 4, AF_INET),
    ROW(accept, WSPAccept, is_not_listening, NOT_LISTENING, 4, AF_INET, MODE_DIRECT),
    {.name = NULL},
};

/* A connect to where somebody listened, but does not any more. */
static struct stage *arrange_refused(int family)
{
    struct stage *stage = calloc(1, sizeof *stage);
    struct peer *listener;

    peers_choose(family, SOCK_STREAM);
    listener = peer_listener(family, 1);
    stage->address = peer_address(listener);
    peer_close(listener);
    stage->socket = provider_socket(family, SOCK_STREAM, "connecting socket");
    stage->operation = operation_connect(stage->socket, &stage->address);
    return stage;
}

static int CALLBACK reject(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
                           LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    (void)caller, (void)caller_data, (void)sqos, (void)gqos;
    (void)callee, (void)callee_data, (void)group, (void)data;
    return CF_REJECT;
}

static struct outcome accept_nobody(struct operation *operation)
{
    return spi_accept_asking(operation->socket, reject, 0, &operation->accepted);
}

static struct stage *arrange_failing(const struct case_row *row)
{
    struct stage *stage;

    switch ((enum failure)row->variant) {
    case REFUSED:
        return arrange_refused(row->family);
    case NOT_CONNECTED:
        stage = calloc(1, sizeof *stage);
        stage->socket = provider_socket(row->family, SOCK_STREAM, "stream socket");
        stage->operation = operation_receive(stage->socket, STAGE_DATA_SIZE);
        return stage;
    case NOT_LISTENING:
        peers_choose(row->family, SOCK_STREAM);
        stage = calloc(1, sizeof *stage);
        stage->socket = provider_socket(row->family, SOCK_STREAM, "stream socket");
        stage->operation = operation_accept(stage->socket);
        return stage;
    case IS_REJECTED:
        stage = arrange_blocked(row->function, row->family);
        stage->operation.make = accept_nobody;
        return stage;
    default:
        stage = arrange_blocked(row->function, row->family);
        break;
    }
    /* Where there is no such timeout, a call without a socket fails as well. */
    if (row->variant == NO_SOCKET ||
        (row->variant == TIMES_OUT && !stage_set_timeout(stage, A_MOMENT_MS))) {
        require_outcome(NEEDED("provider"), "WSPCloseSocket", spi_close(stage->socket),
                        ONE_OF(RETURNS(0)));
    }
    return stage;
}

/* Lets a call fail that would go on waiting. */
static void let_fail(struct stage *stage, struct blocked_call *call, enum failure failure)
{
    if (failure == IS_RESET) {
        prove_blocked(call, 1);
        peer_reset(stage->peer);
    } else if (failure == IS_REJECTED) {
        prove_blocked(call, 1);
        stage->arrivals[stage->arrived++] = peer_start_connecting(&stage->address);
    } else if (failure == TOO_LONG) {
        struct buffer *data = buffer_with_pattern("what the peer sends", 2 * STAGE_DATA_SIZE, 0);
        prove_blocked(call, 1);
        peer_send_to(stage->peer, &stage->address, data->bytes, data->size);
    }
    if (!wait_for_return(call, settings.budgets.data)) {
        rescue(call);
        stop_case(NEEDED("provider"), "the call that cannot succeed", "it fails", "still blocked");
    }
}

/*
 * CBC-10 (WSPCancelBlockingCall: S6): once a call has failed by itself, after it waited or at once,
 * there is nothing left to cancel on its thread.
 */
static void idle_after_a_failed_call(const struct case_row *row)
{
    /* A call that cannot succeed. */
    struct stage *stage = arrange_failing(row);
    struct client *t1 = client_start("T1");
    const char *function = spi_function_name(row->function);
    bool is_reset_recv = row->function == SPI_WSPRecv && row->variant == IS_RESET;

    /* T1 makes it, and it fails; a reset may be taken for the end of the stream. */
    struct blocked_call *call = start_call(t1, &stage->operation, GOES_ON);
    let_fail(stage, call, (enum failure)row->variant);
    require_outcome(NEEDED("provider"), about("%s that cannot succeed", function),
                    call_outcome(call), is_reset_recv ? ONE_OF(FAILS, RETURNS(0)) : ONE_OF(FAILS));

    /* T1 cancels; there is nothing to cancel. */
    expect_nothing_to_cancel(call_outcome(call).failed ? MUST("CBC-10") : MUST("CBC-08"),
                             about("WSPCancelBlockingCall after %s, which failed", function),
                             idle_cancel_on(t1, stage->operation.entry));
}

CASE(cancel, idle_after_a_failed_call) = {
    .run = idle_after_a_failed_call,
    .function = FROM_ROW,
    .requirements = "CBC-10 CBC-08",
    .level = LEVEL_MUST,
    .modes = MODE_DIRECT,
    .does = "lets a call fail that nobody cancelled, then cancels on its thread",
    .must = "WSPCancelBlockingCall fails with WSAEINVAL",
    .proofs = PROOF_STARTED,
    .rests_on = "startup/starts",
    .rows = failures,
};
