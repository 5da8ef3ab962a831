#include "harness/case.h"

/* Whether the connection is there when WSPAccept is called, or comes while it is blocked. */
enum { AT_ONCE, ONCE_BLOCKED };

#define ROW(when, moment, proved, gates, version, address_family)                                  \
    {                                                                                              \
        .name = when "_ipv" #version, .function = SPI_WSPAccept, .family = (address_family),       \
        .variant = (moment), .proofs = (proved), .rests_on = (gates)                               \
    }

#define CALLED_BACK "startup/starts callback/is_called_at_all"

static const struct case_row moments[] = {
    ROW("at_once", AT_ONCE, 0, NULL, 4, AF_INET),
    ROW("once_blocked", ONCE_BLOCKED, PROOF_BLOCKED, CALLED_BACK, 4, AF_INET),
    ROW("at_once", AT_ONCE, 0, NULL, 6, AF_INET6),
    ROW("once_blocked", ONCE_BLOCKED, PROOF_BLOCKED, CALLED_BACK, 6, AF_INET6),
    {.name = NULL},
};

enum { CALLS = 5 };

/* What is called, before and in the condition function, on a socket that WSPAccept has not. */
struct calls {
    struct connection other;
    struct outcome outcome[CALLS];
    volatile LONG asked; /* how often the condition function came to its end */
};

static const char *const name_of_call[CALLS] = {"WSPGetSockName", "WSPGetSockOpt SO_TYPE",
                                                "WSPSelect with a timeout of zero", "WSPSend",
                                                "WSPSocket"};

static struct outcome ask_whether_writable(struct spi_socket *socket)
{
    struct buffer *set = new_fd_set("the write set", &socket, 1);

    return spi_select(socket->entry, NULL, fd_set_of(set), NULL, read_only_timeval(0, 0));
}

/* On T1. None of them has to wait. */
static void make_calls(void *argument)
{
    struct calls *calls = argument;
    struct spi_socket *socket = calls->other.local;
    struct operation send = operation_send(socket, buffer_with_pattern("a byte", 1, 0));
    struct sockaddr_storage address;
    SOCKET made = INVALID_SOCKET;
    int type;
    int size = sizeof type;

    calls->outcome[0] = spi_get_sock_name(socket, &address);
    calls->outcome[1] = spi_get_option(socket, SOL_SOCKET, SO_TYPE, &type, &size);
    calls->outcome[2] = ask_whether_writable(socket);
    calls->outcome[3] = operation_perform(&send);
    calls->outcome[4] = spi_socket(socket->entry, WSA_FLAG_OVERLAPPED, &made);
    if (made != INVALID_SOCKET) {
        spi_close_handle(socket->entry, made);
    }
}

static int CALLBACK condition(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
                              LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    struct calls *calls = (struct calls *)data;

    (void)caller, (void)caller_data, (void)sqos, (void)gqos;
    (void)callee, (void)callee_data, (void)group;
    make_calls(calls);
    InterlockedIncrement(&calls->asked);
    return CF_ACCEPT;
}

/* The calls of this case; its operation has no room for what the condition function is given. */
static struct calls calls;

static struct outcome accept_asking(struct operation *operation)
{
    return spi_accept_asking(operation->socket, condition, (DWORD_PTR)&calls, &operation->accepted);
}

static void expect_calls_succeeded(struct demand demand, const char *where)
{
    for (unsigned i = 0; i < CALLS; i++) {
        expect_outcome(demand, about("%s %s", name_of_call[i], where), calls.outcome[i],
                       ONE_OF(SUCCEEDS));
    }
}

/*
 * REENT-07 (WSPAccept; EINPROGRESS overview): that a blocking call may forbid its thread all others
 * was a rule of Windows Sockets 1.1. With version 2.2 a condition function may call what it likes,
 * although WSPAccept has not returned: what succeeds before it succeeds in it.
 */
static void condition_function_may_call(const struct case_row *row)
{
    /* A listener, and a connection on which T1 makes some calls, which succeed. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    calls.other = arrange_connection(row->family);
    require_that(NEEDED("provider"), stage->socket->entry->data.wVersion == MAKEWORD(2, 2),
                 "the version that was negotiated", "2.2", "another");
    client_run(t1, make_calls, &calls);
    expect_calls_succeeded(NEEDED("provider"), "before WSPAccept");

    /* T1 accepts a connection, with a condition function that makes the same calls. */
    stage->operation.make = accept_asking;
    if (row->variant == AT_ONCE) {
        stage_complete(stage);
    }
    call = start_call(t1, &stage->operation, GOES_ON);
    if (row->variant == ONCE_BLOCKED) {
        prove_blocked(call, 1);
        stage_complete(stage);
    }
    if (!join_completed(call, NEEDED("provider"), ONE_OF(SUCCEEDS))) {
        return;
    }
    require_that(NEEDED("provider"), calls.asked > 0, "the condition function (G5)",
                 "WSPAccept asks it", "it was not asked");

    /* They succeed there, too. */
    expect_calls_succeeded(MUST("REENT-07"), "in the condition function of WSPAccept");
    prove(PROOF_COMPLETED, "WSPAccept gave the connection, and had asked");
}

CASE(nested, condition_function_may_call) = {
    .run = condition_function_may_call,
    .function = SPI_WSPAccept,
    .requirements = "REENT-07",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does = "makes calls on another socket from the condition function of WSPAccept",
    .must = "none of them is refused",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = moments,
};
