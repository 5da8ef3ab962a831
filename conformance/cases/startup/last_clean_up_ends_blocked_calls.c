#include "harness/case.h"
#include "harness/names.h"

enum { NO_TIMEOUT, LONG_TIMEOUT, A_MINUTE_MS = 60000 };

#define ROW(name_of_row, spi, limit, version, address_family)                                      \
    {                                                                                              \
        .name = #name_of_row "_ipv" #version, .function = SPI_##spi, .family = (address_family),   \
        .variant = (limit)                                                                         \
    }

#define ROWS(version, family)                                                                      \
    ROW(connect, WSPConnect, NO_TIMEOUT, version, family),                                         \
        ROW(accept, WSPAccept, NO_TIMEOUT, version, family),                                       \
        ROW(select, WSPSelect, NO_TIMEOUT, version, family),                                       \
        ROW(recv, WSPRecv, NO_TIMEOUT, version, family),                                           \
        ROW(recvfrom, WSPRecvFrom, NO_TIMEOUT, version, family),                                   \
        ROW(send, WSPSend, NO_TIMEOUT, version, family),                                           \
        ROW(ioctl, WSPIoctl, NO_TIMEOUT, version, family),                                         \
        ROW(timed_select, WSPSelect, LONG_TIMEOUT, version, family)

static const struct case_row calls[] = {
    ROWS(4, AF_INET),
    ROWS(6, AF_INET6),
    ROW(timed_recv, WSPRecv, LONG_TIMEOUT, 4, AF_INET),
    ROW(timed_recvfrom, WSPRecvFrom, LONG_TIMEOUT, 4, AF_INET),
    ROW(timed_send, WSPSend, LONG_TIMEOUT, 4, AF_INET),
    {.name = NULL},
};

/* Of the last time. */
static struct outcome last_clean_up;

static void clean_up(void *argument)
{
    (void)argument;
    last_clean_up = provider_clean_up_now();
}

/*
 * CLEANUP-01 (WSPCleanup): the last clean-up ends what any thread is blocked in, and that with an
 * error: a call of whose end somebody else has taken care has not succeeded, nor run out of time.
 */
static void last_clean_up_ends_blocked_calls(const struct case_row *row)
{
    /* A socket on which the call can only wait, perhaps for a minute. */
    struct stage *stage = arrange_blocked(row->function, row->family);
    struct client *t1 = client_start("T1");
    struct client *t2 = client_start("T2");
    const char *what = about("%s that is blocked at the last WSPCleanup of another thread",
                             spi_function_name(row->function));
    struct blocked_call *call;

    if (row->variant == LONG_TIMEOUT) {
        require_timeout(stage, A_MINUTE_MS);
    }

    /* T1 blocks. */
    call = start_call(t1, &stage->operation, GOES_ON);
    require_code_offered(stage, call);
    prove_blocked(call, 1);

    /* T2 cleans up for the last time; there is nothing left that the harness could close. */
    client_post(t2, clean_up, NULL);
    if (!wait_for_return(call, settings.budgets.data)) {
        expect_that(ending(MUST("CLEANUP-01")), false, what, "it returns",
                    "no return within %lu ms", settings.budgets.data);
        return;
    }

    /* T1's call has failed. */
    expect_outcome(MUST("CLEANUP-01"), what, call_outcome(call),
                   ONE_OF(FAILS_WITH(WSAEINTR), FAILS_WITH(WSAENOTSOCK),
                          FAILS_WITH(WSANOTINITIALISED), FAILS_WITH(WSAECONNABORTED)));
    require_that(NEEDED("provider"),
                 client_wait(t2, settings.budgets.data) && !last_clean_up.failed,
                 "the last WSPCleanup, while a call is blocked", "0", "a failure, or no return");
    prove(PROOF_COMPLETED, "WSPCleanup returned 0");
}

CASE(startup, last_clean_up_ends_blocked_calls) = {
    .run = last_clean_up_ends_blocked_calls,
    .function = SPI_WSPCleanup,
    .requirements = "CLEANUP-01",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "cleans up for the last time while another thread is in a blocked call",
    .must = "the blocked call fails, and WSPCleanup returns 0",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up callback/is_called_at_all",
    .rows = calls,
};
