#include "harness/case.h"
#include "harness/names.h"

/* How many threads are in a call on the socket; of one of them, whether its time is limited, or it
 * receives datagrams without asking who sends them. */
enum { ONE = 1, TWO, MOST = TWO, TIMED, DATAGRAM };

enum { A_MINUTE_MS = 60000 };

#define ROW(calls, spi, threads, version, address_family)                                          \
    {                                                                                              \
        .name = #calls "_ipv" #version, .function = SPI_##spi, .family = (address_family),         \
        .variant = (threads)                                                                       \
    }

/* A second connect on the same socket would not wait. */
#define ROWS(version, family)                                                                      \
    ROW(connect, WSPConnect, ONE, version, family), ROW(accept, WSPAccept, ONE, version, family),  \
        ROW(recv, WSPRecv, ONE, version, family),                                                  \
        ROW(recvfrom, WSPRecvFrom, ONE, version, family),                                          \
        ROW(send, WSPSend, ONE, version, family), ROW(ioctl, WSPIoctl, ONE, version, family),      \
        ROW(two_accept, WSPAccept, TWO, version, family),                                          \
        ROW(two_recv, WSPRecv, TWO, version, family),                                              \
        ROW(two_recvfrom, WSPRecvFrom, TWO, version, family),                                      \
        ROW(two_send, WSPSend, TWO, version, family)

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    ROW(timed_recv, WSPRecv, TIMED, 4, AF_INET),
    ROW(timed_recvfrom, WSPRecvFrom, TIMED, 4, AF_INET),
    ROW(timed_send, WSPSend, TIMED, 4, AF_INET),
    ROW(datagram_recv, WSPRecv, DATAGRAM, 4, AF_INET),
    {.name = NULL},
};

static struct stage *arrange(const struct case_row *row)
{
    struct stage *stage = row->variant == DATAGRAM ? arrange_receive_of_a_datagram(row->family)
                                                   : arrange_blocked(row->function, row->family);

    if (row->variant == TIMED) {
        require_timeout(stage, A_MINUTE_MS);
    }
    return stage;
}

/* The catalogue has a row of its own for a listener. */
static struct demand demand_for(enum spi_function function)
{
    return function == SPI_WSPAccept ? MUST("ACCEPT-14") : MUST("CLOSE-01");
}

static void close_socket(void *argument)
{
    struct stage *stage = argument;

    spi_close(stage->socket);
}

static struct blocked_call *start_blocked(struct stage *stage, const char *thread)
{
    struct blocked_call *call = start_call(client_start(thread), &stage->operation, GOES_ON);

    require_code_offered(stage, call);
    prove_blocked(call, 1);
    return call;
}

static bool expect_ended(const struct case_row *row, struct blocked_call *call, const char *thread)
{
    struct demand demand = demand_for(row->function);
    const char *what =
        about("%s on %s, once T3 has closed its socket", spi_function_name(row->function), thread);

    if (!wait_for_return(call, settings.budgets.cancel)) {
        rescue(call);
        return expect_that(ending(demand), false, what, "it returns", "no return within %lu ms",
                           settings.budgets.cancel);
    }
    return expect_outcome(demand, what, call_outcome(call), ONE_OF(FAILS));
}

/*
 * CLOSE-01, ACCEPT-14 (WSPCloseSocket): closing a socket ends the blocking calls that any thread
 * has under way on it, all of them. They have not succeeded, whatever the code they give; a
 * provider that lets them wait for a peer that can no longer reach them keeps their threads for
 * good.
 */
static void ends_the_call_of_another_thread(const struct case_row *row)
{
    /* A socket on which the call can only wait. */
    static const char *const threads[MOST] = {"T1", "T2"};
    struct stage *stage = arrange(row);
    struct client *t3 = client_start("T3");
    struct blocked_call *blocked[MOST] = {NULL};
    const int count = row->variant == TWO ? TWO : ONE;

    /* One thread blocks in it, or two, with a callback that goes on waiting or without any. */
    for (int i = 0; i < count; i++) {
        blocked[i] = start_blocked(i == 0 ? stage : arrange_again(stage), threads[i]);
    }

    /* T3 closes the socket; each of the calls ends. */
    client_post(t3, close_socket, stage);
    for (int i = 0; i < count; i++) {
        if (!expect_ended(row, blocked[i], threads[i])) {
            return;
        }
    }

    /* Closing it has worked. */
    require_that(NEEDED("provider"), client_wait(t3, settings.budgets.data) && !stage->socket->open,
                 "WSPCloseSocket, while a call is blocked", "0", "a failure, or no return");
    prove(PROOF_COMPLETED, "WSPCloseSocket returned 0");
}

CASE(close, ends_the_call_of_another_thread) = {
    .run = ends_the_call_of_another_thread,
    .function = FROM_ROW,
    .requirements = "CLOSE-01 ACCEPT-14",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "closes the socket on which another thread, or two, is in a blocked call",
    .must = "each blocked call fails",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up callback/is_called_at_all",
    .rows = calls,
};
