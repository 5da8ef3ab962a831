#include "harness/case.h"

#include "harness/evidence.h"

enum { TRIES = 5 };

enum variant { TO_READ, TO_WRITE };

static const struct case_row variants[] = {
    {.name = "ipv4", .function = SPI_WSPSelect, .family = AF_INET, .variant = TO_READ},
    {.name = "ipv6", .function = SPI_WSPSelect, .family = AF_INET6, .variant = TO_READ},
    {.name = "to_write_ipv4", .function = SPI_WSPSelect, .family = AF_INET, .variant = TO_WRITE},
    {.name = NULL},
};

static void make_idle_cancel(void *outcome)
{
    *(struct outcome *)outcome = spi_cancel(provider_primary());
}

/* Asks once; how long that took, in ms, or -1 if it went wrong. */
static int64_t ask(struct client *t1, struct stage *stage, struct operation *select, int wanted)
{
    struct blocked_call *call;
    const struct spi_call *record;

    *select = operation_again(&stage->operation);
    select->timeout = read_only_timeval(0, 0);
    call = start_call(t1, select, GOES_ON);
    if (!join_completed(call, MUST("SELECT-06"), ONE_OF(RETURNS(wanted)))) {
        return -1;
    }
    record = call_record(call);
    expect_number(MUST("SELECT-06"), "blocking callbacks during a WSPSelect that only asks", 0,
                  record->callbacks);
    return (record->left - record->entered) / 1000;
}

/*
 * SELECT-06 (WSPSelect; WSPCancelBlockingCall: S6): with a timeout of zero, select is a question:
 * it returns at once, with 0 if no socket is ready, and never calls the blocking callback. It is
 * not a blocking call, and so there is nothing to cancel afterwards.
 */
static void zero_timeout_only_asks(const struct case_row *row)
{
    /* A stream on which nothing was sent, or that has no room to write. */
    struct stage *stage = row->variant == TO_WRITE ? arrange_select_to_write(row->family)
                                                   : arrange_blocked(SPI_WSPSelect, row->family);
    struct client *t1 = client_start("T1");
    struct outcome cancel = {0};
    static struct operation asks[TRIES + 1];
    static struct operation waits;
    int64_t enough = evidence_now() + (int64_t)settings.budgets.data * 1000;
    int64_t quickest = INT64_MAX;

    /* T1 asks; a busy machine may hold it up once, but not each time. */
    for (unsigned i = 0;
         i < TRIES && quickest > (int64_t)settings.budgets.quiet && evidence_now() < enough; i++) {
        int64_t took = ask(t1, stage, &asks[i], 0);
        if (took < 0) {
            return;
        }
        quickest = took < quickest ? took : quickest;
    }
    expect_at_most(MUST("SELECT-06"), "how many ms a WSPSelect that only asks takes",
                   settings.budgets.quiet, quickest);

    /* After that there is nothing to cancel. */
    if (settings.mode != MODE_WS2_32) {
        client_run(t1, make_idle_cancel, &cancel);
        expect_outcome(MUST("SELECT-06"), "WSPCancelBlockingCall after a WSPSelect that only asked",
                       cancel, ONE_OF(FAILS_WITH(WSAEINVAL)));
    }

    /* When there is something to read, or room, the answer is another. */
    waits = operation_again(&stage->operation);
    stage_complete(stage);
    if (join_completed(start_call(t1, &waits, GOES_ON), MUST("SELECT-06"), ONE_OF(RETURNS(1)))) {
        ask(t1, stage, &asks[TRIES], 1);
    }
}

CASE(select, zero_timeout_only_asks) = {
    .run = zero_timeout_only_asks,
    .function = SPI_WSPSelect,
    .requirements = "SELECT-06",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK | MODE_NO_CALLBACK,
    .does = "calls WSPSelect with a timeout of zero",
    .must = "it returns at once with the number of ready sockets, without any callback",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts",
    .rows = variants,
};
