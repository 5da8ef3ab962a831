#include "harness/case.h"

#include <stdlib.h>

/* How the blocked call ends. */
enum ending { COMPLETED, CANCELLED, TIMED_OUT };

/* Long enough for the first callback of most; who calls back later is given the budget for it. */
enum { TIMEOUT_MS = 100 };

#define ROW(call, spi, how, ended, gate, version, address_family)                                  \
    {                                                                                              \
        .name = #call how "_ipv" #version, .function = SPI_##spi, .family = (address_family),      \
        .variant = (ended), .rests_on = (gate)                                                     \
    }
#define CALLED_BACK(call) "callback/is_called_while_blocked/" #call "_ipv4"
#define CAN_CANCEL(call)  "cancel/ends_the_blocked_call/" #call "_ipv4"

static const struct case_row endings[] = {
    ROW(recv, WSPRecv, "_completed", COMPLETED, CALLED_BACK(recv), 4, AF_INET),
    ROW(accept, WSPAccept, "_completed", COMPLETED, CALLED_BACK(accept), 4, AF_INET),
    ROW(select, WSPSelect, "_timed_out", TIMED_OUT, CALLED_BACK(select), 4, AF_INET),
    ROW(recv, WSPRecv, "_cancelled", CANCELLED, CAN_CANCEL(recv), 4, AF_INET),
    ROW(accept, WSPAccept, "_cancelled", CANCELLED, CAN_CANCEL(accept), 4, AF_INET),
    ROW(select, WSPSelect, "_cancelled", CANCELLED, CAN_CANCEL(select), 4, AF_INET),
    ROW(send, WSPSend, "_cancelled", CANCELLED, CAN_CANCEL(send), 4, AF_INET),
    ROW(recv, WSPRecv, "_completed", COMPLETED, CALLED_BACK(recv), 6, AF_INET6),
    ROW(accept, WSPAccept, "_cancelled", CANCELLED, CAN_CANCEL(accept), 6, AF_INET6),
    {.name = NULL},
};

enum { CALLS = 7, SUPPLY = 16 };

static const char *const name_of_call[CALLS] = {
    "WSPGetSockName", "WSPGetSockOpt SO_TYPE",           "WSPSelect with a timeout of zero",
    "WSPSend",        "WSPRecv of a byte that is there", "WSPSocket",
    "WSPBind"};

/* What is called, on a connection that nobody else uses and on a socket of its own. */
struct calls {
    struct connection other;
    enum ending ending; /* of the blocked call in whose callback they are made */
    struct outcome outcome[CALLS];
};

/* In the callback, by another thread meanwhile, and once the blocked call has ended. */
static struct calls nested, meanwhile, afterwards;

static struct outcome make_and_bind(struct entry *entry, struct outcome *bound)
{
    struct sockaddr_storage address = local_address(entry->family);
    struct spi_socket *made;
    SOCKET handle;
    struct outcome outcome = spi_socket(entry, WSA_FLAG_OVERLAPPED, &handle);

    *bound = outcome;
    if (!outcome.failed) {
        made = provider_adopt(entry, handle, "another socket");
        *bound = spi_bind(made, (struct sockaddr *)&address, address_length(&address));
    }
    return outcome;
}

/* None of them has to wait. */
static void make_calls(void *argument)
{
    struct calls *calls = argument;
    struct spi_socket *socket = calls->other.local;
    struct operation send = operation_send(socket, buffer_with_pattern("a byte", 1, 0));
    struct operation receive = operation_receive(socket, 1);
    struct operation select = operation_select(socket->entry, read_only_timeval(0, 0));
    struct sockaddr_storage address;
    int type;
    int size = sizeof type;

    operation_select_add(&select, 1, &socket, 1);
    calls->outcome[0] = spi_get_sock_name(socket, &address);
    calls->outcome[1] = spi_get_option(socket, SOL_SOCKET, SO_TYPE, &type, &size);
    calls->outcome[2] = operation_perform(&select);
    calls->outcome[3] = operation_perform(&send);
    calls->outcome[4] = operation_perform(&receive);
    calls->outcome[5] = make_and_bind(socket->entry, &calls->outcome[6]);
}

static void arrange_calls(struct calls *calls, const struct case_row *row)
{
    struct buffer *supply = buffer_with_pattern("what waits to be received", SUPPLY, 0);

    calls->ending = (enum ending)row->variant;
    calls->other = arrange_connection(row->family);
    peer_send(calls->other.peer, supply->bytes, supply->size);
    require_that(NEEDED("provider"), wait_until_readable(calls->other.local),
                 "the other socket, to which bytes were sent", "it becomes readable",
                 "it does not");
}

/* Makes calls at its first turn; at its second it cancels, if the blocked call is to end so. */
static BOOL makes_calls(struct callback_turn *turn)
{
    struct calls *calls = turn->argument;

    if (turn->nth == 1) {
        make_calls(calls);
    }
    return turn->nth == 2 && calls->ending == CANCELLED ? callback_cancels(turn) : TRUE;
}

static void expect_no_refusal(struct client *client, struct calls *calls, const char *where)
{
    client_post(client, make_calls, calls);
    require_that(NEEDED("provider"), client_wait(client, settings.budgets.data),
                 about("calls on other sockets %s", where), "they return", "they do not");
    for (unsigned i = 0; i < CALLS; i++) {
        expect_that(MUST("REENT-08"), !outcome_is_error(calls->outcome[i], WSAEINPROGRESS),
                    about("%s on another socket %s", name_of_call[i], where), "no WSAEINPROGRESS",
                    "WSAEINPROGRESS (10036)");
    }
}

static void record_refusals(const struct calls *calls)
{
    unsigned refused = 0;

    for (unsigned i = 0; i < CALLS; i++) {
        refused += outcome_is_error(calls->outcome[i], WSAEINPROGRESS);
    }
    record_choice("refuses %u of %d calls made in the blocking callback", refused, CALLS);
}

static struct blocked_call *start_timed(struct client *t1, struct stage *stage,
                                        struct callback_script script)
{
    struct operation *longer = malloc(sizeof *longer);
    struct blocked_call *call;

    stage_set_timeout(stage, TIMEOUT_MS);
    *longer = operation_again(&stage->operation);
    call = start_call(t1, &stage->operation, script);
    if (wait_for_callback(call, 1, settings.budgets.hook) || !call_returned(call)) {
        return call;
    }
    longer->timeout = read_only_timeval((long)settings.budgets.hook / 1000, TIMEOUT_MS * 1000);
    return start_call(t1, longer, script);
}

static bool end_call(struct stage *stage, struct blocked_call *call, enum ending ending)
{
    if (ending == CANCELLED) {
        require_cancelled(call);
        return true;
    }
    if (ending == COMPLETED) {
        stage_complete(stage);
    }
    return join_completed(call, NEEDED("provider"), ONE_OF(SUCCEEDS));
}

/*
 * REENT-08 (EINPROGRESS overview): WSAEINPROGRESS tells a thread that it is in a blocked call
 * already. So it is told to that thread alone, and not any more once the call is over, however it
 * ended and whatever was refused meanwhile.
 */
static void refusal_ends_with_the_call(const struct case_row *row)
{
    /* A socket on which the call can only wait, and others for calls that can go on. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    struct callback_script script = held_after(ACTS(makes_calls, &nested));
    struct blocked_call *call;

    arrange_calls(&nested, row);
    arrange_calls(&meanwhile, row);
    arrange_calls(&afterwards, row);

    /* T1 blocks, and its callback makes calls; T2 makes the same while that callback is held. */
    script.every_time = true;
    call = row->variant == TIMED_OUT ? start_timed(t1, stage, script)
                                     : start_call(t1, &stage->operation, script);
    prove_held(call);
    expect_no_refusal(t2, &meanwhile, "by a thread that is in no blocked call");
    let_go(call);

    /* The blocked call ends; then T1 makes them. */
    if (end_call(stage, call, (enum ending)row->variant)) {
        record_refusals(&nested);
        expect_no_refusal(t1, &afterwards, "by a thread whose blocked call has ended");
    }
}

CASE(nested, refusal_ends_with_the_call) = {
    .run = refusal_ends_with_the_call,
    .function = FROM_ROW,
    .requirements = "REENT-08",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "makes calls in the blocking callback, by another thread meanwhile, and afterwards",
    .must = "none but those in the callback are refused with WSAEINPROGRESS",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rows = endings,
};
