#include "harness/case.h"
#include "harness/notice.h"

/* What the provider is about when it is cleaned up. */
enum situation { IDLE, CONNECTED, BLOCKED, PENDING, WATCHED };

#define ROW(name_of_row, what)                                                                     \
    {                                                                                              \
        .name = #name_of_row, .function = SPI_WSPCleanup, .family = AF_INET, .variant = (what),    \
        .modes = MODE_NO_CALLBACK                                                                  \
    }

static const struct case_row situations[] = {
    ROW(idle, IDLE),
    ROW(connected, CONNECTED),
    {.name = "blocked",
     .function = SPI_WSPCleanup,
     .family = AF_INET,
     .rests_on = "startup/starts startup/opens_closes_and_cleans_up callback/is_called_at_all",
     .variant = BLOCKED,
     .proofs = PROOF_BLOCKED},
    ROW(pending, PENDING),
    ROW(registered_for_messages, WATCHED),
    {.name = NULL},
};

/* What there was before the clean-up: a call that has to return, and whoever can act later. */
struct before {
    struct blocked_call *call;
    struct peer *peer;
};

static struct peer *begin_receiving(int family)
{
    struct stage *stage = arrange_blocked(SPI_WSPRecv, family);

    begin_pending(client_start("T3"), stage, BY_EVENT);
    return stage->peer;
}

static struct before begin(const struct case_row *row)
{
    struct before before = {0};
    struct stage *stage;

    switch ((enum situation)row->variant) {
    case IDLE:
        break;
    case CONNECTED:
        before.peer = arrange_connection(row->family).peer;
        break;
    case BLOCKED:
        stage = arrange_blocked(SPI_WSPRecv, row->family);
        before.peer = stage->peer;
        before.call = start_call(client_start("T1"), &stage->operation, GOES_ON);
        prove_blocked(before.call, 1);
        break;
    case PENDING:
        before.peer = begin_receiving(row->family);
        break;
    case WATCHED:
        before.peer = arrange_notice(BY_ASYNC_SELECT, FD_READ, row->family).stage->peer;
        break;
    }
    return before;
}

static void clean_up(void *argument)
{
    struct outcome *outcome = argument;

    *outcome = provider_clean_up_now();
}

/* For the last time; afterwards no thread is inside the provider. */
static void end(const struct before *before)
{
    static struct outcome outcome;
    struct client *t2 = client_start("T2");

    client_post(t2, clean_up, &outcome);
    require_that(NEEDED("provider"), client_wait(t2, settings.budgets.data) && !outcome.failed,
                 "the last WSPCleanup", "0", "a failure, or no return");
    require_that(NEEDED("provider"),
                 before->call == NULL || wait_for_return(before->call, settings.budgets.data),
                 "the call that was blocked at the last WSPCleanup", "it returns", "no return");
}

static void start(struct entry *entry, const char *when)
{
    require_outcome(MUST("CLEANUP-03"), about("WSPStartup %s", when),
                    provider_startup(entry, MAKEWORD(2, 2)), ONE_OF(RETURNS(0)));
}

static void unload(void)
{
    require_outcome(MUST("CLEANUP-03"), "FreeLibrary after the last WSPCleanup", provider_unload(),
                    ONE_OF(RETURNS(0)));
}

/* Whoever still has something to do in the library finds that it is gone. */
static void give_occasion(const struct before *before)
{
    if (before->peer != NULL && !peers_are_provider()) {
        peer_tries_to_send(before->peer, "x", 1);
    }
    WaitForSingleObject(GetCurrentThread(), settings.budgets.quiet);
}

/*
 * CLEANUP-03 (WSPCleanup): when the last clean-up has returned, the provider is as it was before
 * the first start: it can be started at once, and it can be unloaded, whatever was going on.
 */
static void unload_and_start_after_the_last(const struct case_row *row)
{
    /* A provider that is in use, until it is cleaned up for the last time. */
    struct entry *entry = provider_entry(ENTRY_TCP4);
    struct before before;

    if (row->variant == IDLE) {
        entry = provider_start_any();
    }
    before = begin(row);
    end(&before);

    /* It is started at once, used as before, and cleaned up. */
    start(entry, "right after the last WSPCleanup");
    before = begin(row);
    end(&before);

    /* It is unloaded at once, loaded and started anew, used as before, and cleaned up. */
    unload();
    start(entry, "after the library was unloaded and loaded anew");
    before = begin(row);
    end(&before);

    /* It is unloaded, and nothing of it is left that would run. */
    unload();
    give_occasion(&before);
    prove(PROOF_COMPLETED, "the process has outlived the library");
}

CASE(startup, unload_and_start_after_the_last) = {
    .run = unload_and_start_after_the_last,
    .function = SPI_WSPCleanup,
    .requirements = "CLEANUP-03",
    .level = LEVEL_MUST,
    .modes = DRIVEN_DIRECTLY,
    .does = "unloads the library as soon as the last WSPCleanup has returned, or starts it again",
    .must = "WSPStartup returns 0, and nothing runs in what has been unloaded",
    .proofs = PROOF_STARTED | PROOF_COMPLETED,
    .rests_on = "startup/starts startup/opens_closes_and_cleans_up",
    .awaits_quiet = true,
    .rows = situations,
};
