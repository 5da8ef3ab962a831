#include "harness/case.h"
#include "harness/evidence.h"
#include "harness/names.h"

#include <stdio.h>
#include <string.h>

/* Those that a peer lets complete at once stand first. */
static const struct {
    enum spi_function function;
    int type;
} calls[] = {
    {SPI_WSPAccept, SOCK_STREAM},  {SPI_WSPSelect, SOCK_STREAM}, {SPI_WSPRecv, SOCK_STREAM},
    {SPI_WSPRecvFrom, SOCK_DGRAM}, {SPI_WSPSend, SOCK_STREAM},   {SPI_WSPConnect, SOCK_STREAM},
};

enum { CALLS = ARRAYSIZE(calls) };

/* One thread that makes a call which can only wait; without a stage the provider has none. */
struct blocker {
    char name[8];
    struct stage *stage;
    struct client *client;
    struct blocked_call *call;
};

/* A provider may have streams only, or datagrams only, whatever its description says. */
static bool has_sockets_of(int family, int type)
{
    struct entry *entry = provider_entry(entry_for(family, type));

    return !settings.claimed_absent[entry->kind] &&
           (entry->started > 0 || !provider_startup(entry, MAKEWORD(2, 2)).failed);
}

static void arrange(struct blocker *blockers)
{
    int family = provider_start_any()->family;

    for (unsigned i = 0; i < CALLS; i++) {
        struct blocker *blocker = &blockers[i];
        if (has_sockets_of(family, calls[i].type)) {
            snprintf(blocker->name, sizeof blocker->name, "T%u", i + 1);
            blocker->stage = arrange_blocked(calls[i].function, family);
            blocker->client = client_start(blocker->name);
        }
    }
}

/* True once one of them was called back, on whatever thread; they all have the same time for it. */
static bool is_one_called(struct blocker *blockers)
{
    int64_t deadline = evidence_now() + (int64_t)settings.budgets.hook * 1000;
    bool called = false;

    for (unsigned i = 0; i < CALLS && !called; i++) {
        int64_t left = deadline - evidence_now();
        called = blockers[i].call != NULL &&
                 wait_for_callback(blockers[i].call, 1, left > 0 ? (DWORD)(left / 1000) : 0);
    }
    return called || callback_strays() > 0;
}

/* Writes the names of the calls that are still under way. */
static const char *names_of_blocked(const struct blocker *blockers, char *text, size_t size)
{
    *text = '\0';
    for (unsigned i = 0; i < CALLS; i++) {
        size_t used = strlen(text);
        if (blockers[i].call != NULL && !call_returned(blockers[i].call)) {
            snprintf(text + used, size - used, "%s%s", used > 0 ? ", " : "",
                     spi_function_name(calls[i].function));
        }
    }
    return text;
}

/* A connect that was called back has been cancelled: its peer would let it complete too late. */
static void let_return(struct blocker *blocker)
{
    if (call_cancels(blocker->call) == 0 && !call_returned(blocker->call)) {
        stage_complete(blocker->stage);
        wait_for_return(blocker->call, settings.budgets.data);
    }
    release_call(blocker->call);
}

/*
 * BHK-01 (WPUQueryBlockingCallback): what cannot finish at once asks for its thread's blocking
 * callback and calls it. Here any call will do: a provider that calls nobody back anywhere has one
 * fault, and not one in each of its calls.
 */
static void is_called_at_all(const struct case_row *row)
{
    /* Sockets on which each call that the provider has can only wait. */
    struct blocker blockers[CALLS] = {0};
    char blocked[128];
    LONG asked_before;
    LONG asked;
    bool called;
    (void)row;
    arrange(blockers);
    asked_before = upcall_count(UPCALL_WPUQueryBlockingCallback);

    /* They all block, each on a thread of its own, until one of them is called back. */
    for (unsigned i = 0; i < CALLS; i++) {
        if (blockers[i].stage != NULL) {
            struct operation *operation = &blockers[i].stage->operation;
            blockers[i].call =
                start_call(blockers[i].client, operation, goes_on_until(operation, 1));
        }
    }
    called = is_one_called(blockers);
    asked = upcall_count(UPCALL_WPUQueryBlockingCallback) - asked_before;
    names_of_blocked(blockers, blocked, sizeof blocked);
    for (unsigned i = 0; i < CALLS; i++) {
        if (blockers[i].call != NULL) {
            let_return(&blockers[i]);
        }
    }

    /* One was, after it had asked for its callback. */
    require_that(NEEDED("environment"), called || *blocked != '\0',
                 "calls that nothing lets complete (G1)", "one of them blocks",
                 "all of them returned at once");
    prove(PROOF_BLOCKED, "%s did not return by %s",
          *blocked != '\0' ? blocked : "what was called back",
          called ? "the first blocking callback" : "the end of the budget hook");
    expect_that(MUST("BHK-01"), asked > 0,
                about("WPUQueryBlockingCallback during %s, all of which are blocked", blocked),
                "called", "not called");
    expect_that(MUST("BHK-01"), called,
                about("the blocking callback during %s, all of which are blocked", blocked),
                about("called within %lu ms by one of them", settings.budgets.hook), "not called");
}

CASE(callback, is_called_at_all) = {
    .run = is_called_at_all,
    .function = SPI_WSPRecv,
    .requirements = "BHK-01",
    .level = LEVEL_MUST,
    .modes = WITH_CALLBACK,
    .does = "lets every call that can block do so at the same time, on threads with callbacks",
    .must = "at least one of them asks for its thread's callback and calls it",
    .proofs = PROOF_STARTED | PROOF_BLOCKED,
    .rests_on = "startup/starts",
    .gate = true,
};
