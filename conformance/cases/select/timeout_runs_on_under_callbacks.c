#include "harness/case.h"

/* In ms: how long a select waits, and by how much a clock's turns may make it shorter. */
enum { TIMEOUT_MS = 200, EARLY_MS = 50 };

/* Which set the socket is in that does not become ready. */
enum { TO_READ, FOR_EXCEPTIONS };

#define ROW(set, which, version, address_family)                                                   \
    {                                                                                              \
        .name = set "_ipv" #version, .function = SPI_WSPSelect, .family = (address_family),        \
        .variant = (which)                                                                         \
    }

static const struct case_row sets[] = {
    ROW("to_read", TO_READ, 4, AF_INET),
    ROW("for_exceptions", FOR_EXCEPTIONS, 4, AF_INET),
    ROW("to_read", TO_READ, 6, AF_INET6),
    {.name = NULL},
};

/*
 * SELECT-12 (WSPSelect): a callback that goes on waiting says no more than that the client does not
 * cancel. How long the select may wait the client has said with its timeout, which runs on while
 * callbacks come, and neither begins anew with them nor ends early.
 */
static void timeout_runs_on_under_callbacks(const struct case_row *row)
{
    /* A stream on which nothing happens. */
    struct stage *stage = arrange_blocked(SPI_WSPSelect, row->family);
    struct client *t1 = client_start("T1");
    struct blocked_call *call;
    int64_t took;

    if (row->variant == FOR_EXCEPTIONS) {
        stage->operation = operation_select(stage->socket->entry, NULL);
        operation_select_add(&stage->operation, 2, &stage->socket, 1);
    }
    stage_set_timeout(stage, TIMEOUT_MS);

    /* T1 blocks in WSPSelect, whose callback answers TRUE each time. */
    call = start_call(t1, &stage->operation, GOES_ON);
    prove_blocked(call, 1);

    /* It returns 0 when its time is up: not much earlier, and not much later. */
    if (!wait_for_return(call, TIMEOUT_MS + settings.budgets.cancel)) {
        release_call(call);
        expect_that(SHOULD("SELECT-12"), false, "WSPSelect whose time is up", "it returns 0",
                    "it still waits %lu ms later", settings.budgets.cancel);
        return;
    }
    if (expect_outcome(SHOULD("SELECT-12"), "WSPSelect whose time is up", call_outcome(call),
                       ONE_OF(RETURNS(0)))) {
        took = (call_record(call)->left - call_record(call)->entered) / 1000;
        expect_at_least(SHOULD("SELECT-12"), "how many ms a WSPSelect with a timeout of 200 takes",
                        TIMEOUT_MS - EARLY_MS, took);
    }
}

CASE(select, timeout_runs_on_under_callbacks) = {
    .run = timeout_runs_on_under_callbacks,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-12",
    .level = LEVEL_SHOULD,
    .modes = WITH_CALLBACK,
    .does = "waits in a WSPSelect with a short timeout, whose callback goes on waiting",
    .must = "it returns 0 at about that time",
    .proofs = PROOF_STARTED | PROOF_BLOCKED | PROOF_CALLBACK,
    .rests_on = "callback/is_called_while_blocked/select_ipv4",
    .rows = sets,
};
