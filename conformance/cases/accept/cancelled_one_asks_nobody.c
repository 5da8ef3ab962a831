#include "harness/case.h"

/* How often the condition function was asked; a call that goes on may still ask it. */
static volatile LONG asked;

static int CALLBACK condition(LPWSABUF caller, LPWSABUF caller_data, LPQOS sqos, LPQOS gqos,
                              LPWSABUF callee, LPWSABUF callee_data, GROUP *group, DWORD_PTR data)
{
    (void)caller, (void)caller_data, (void)sqos, (void)gqos;
    (void)callee, (void)callee_data, (void)group, (void)data;
    InterlockedIncrement(&asked);
    return CF_ACCEPT;
}

static struct outcome accept_asking(struct operation *operation)
{
    return spi_accept_asking(operation->socket, condition, 0, &operation->accepted);
}

/* The provider asks where there is something to ask about. */
static void require_asking(struct stage *stage, struct client *t1)
{
    static struct operation accept;

    accept = operation_again(&stage->operation);
    stage_complete(stage);
    require_that(
        NEEDED("provider"),
        join_completed(start_call(t1, &accept, GOES_ON), NEEDED("provider"), ONE_OF(SUCCEEDS)) &&
            asked > 0,
        "the condition function (G5)", "WSPAccept asks it about a connection", "it was not asked");
    asked = 0;
}

/*
 * ACCEPT-07 (WSPAccept: the condition function decides on a connection request): where no request
 * has come, there is none to decide on; that the accept is cancelled does not change that.
 */
static void cancelled_one_asks_nobody(const struct case_row *row)
{
    /* A listener, whose WSPAccept asks a condition function. */
    struct stage *stage = arrange_blocked(SPI_WSPAccept, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;

    stage->operation.make = accept_asking;
    require_asking(stage, t1);

    /* T1 blocks in WSPAccept on an empty backlog; its callback cancels. */
    call = start_call(t1, &stage->operation, CANCELS_AT((unsigned)row->variant));
    prove_blocked(call, (unsigned)row->variant);
    if (!join_cancelled(call, MUST("ACCEPT-01"))) {
        return;
    }

    /* Nobody was asked about a connection that did not come. */
    expect_number(MUST("ACCEPT-07"),
                  "how often a cancelled WSPAccept called its condition function on an empty "
                  "backlog",
                  0, asked);
}

static const struct case_row turns[] = {
    {.name = "ipv4", .family = AF_INET, .variant = 1},
    {.name = "later_ipv4", .family = AF_INET, .variant = 3},
    {.name = "ipv6", .family = AF_INET6, .variant = 1},
    {.name = NULL},
};

CASE(accept, cancelled_one_asks_nobody) = {
    .run = cancelled_one_asks_nobody,
    .function = SPI_WSPAccept,
    .requirements = "ACCEPT-07 ACCEPT-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "cancels a blocked WSPAccept that was given a condition function",
    .must = "the condition function is not called",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK | PROOF_CANCELLED,
    .rests_on = "cancel/ends_the_blocked_call/accept_ipv4",
    .rows = turns,
};
