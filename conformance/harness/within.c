#include "harness/within.h"

#include <stdlib.h>

enum { CALLS_MAX = 16 };

struct result {
    struct outcome outcome;
    int gave;
};

struct within {
    const struct within_call *calls;
    unsigned count;
    struct within_cast casts[2]; /* outside, inside */
    struct result usual[CALLS_MAX];
    struct result inside[CALLS_MAX];
    volatile LONG begun;
    volatile LONG returned; /* of those made inside */
};

struct outcome within_get_name(struct within_cast *cast, int *gave)
{
    struct sockaddr_storage address;
    struct outcome outcome = spi_get_sock_name(cast->socket, &address);

    *gave = address.ss_family;
    return outcome;
}

struct outcome within_get_type(struct within_cast *cast, int *gave)
{
    int size = sizeof *gave;

    return spi_get_option(cast->socket, SOL_SOCKET, SO_TYPE, gave, &size);
}

struct within *within_arrange(const struct within_call *calls, unsigned count,
                              struct within_cast outside, struct within_cast inside)
{
    struct within *within = calloc(1, sizeof *within);

    require_that(BROKEN("suite"), count <= CALLS_MAX, "calls to be made in a callback",
                 about("at most %d", CALLS_MAX), "%u", count);
    within->calls = calls;
    within->count = count;
    within->casts[0] = outside;
    within->casts[1] = inside;
    return within;
}

static void make(struct within *within, unsigned index, struct within_cast *cast,
                 struct result *results)
{
    results[index].outcome = within->calls[index].make(cast, &results[index].gave);
}

static void make_outside(void *argument)
{
    struct within *within = argument;

    for (unsigned i = 0; i < within->count; i++) {
        make(within, i, &within->casts[0], within->usual);
    }
}

void within_make_outside(struct within *within, struct client *client)
{
    client_run(client, make_outside, within);
}

BOOL within_make_inside(struct callback_turn *turn)
{
    struct within *within = turn->argument;

    within->begun = 1;
    for (unsigned i = 0; i < within->count; i++) {
        make(within, i, &within->casts[1], within->inside);
        InterlockedIncrement(&within->returned);
    }
    return TRUE;
}

/* A success is told by its value, a handle by being one, a failure by its code. */
static bool is_usual(struct outcome seen, struct outcome usual)
{
    if (usual.failed || seen.failed) {
        return usual.failed == seen.failed && usual.error == seen.error;
    }
    return usual.kind == OUTCOME_SOCKET || usual.value == seen.value;
}

static void expect_usual(struct demand demand, const char *what, struct result seen,
                         struct result usual)
{
    char wanted[128];
    char got[128];

    outcome_text(wanted, sizeof wanted, usual.outcome);
    expect_that(demand,
                is_usual(seen.outcome, usual.outcome) ||
                    outcome_is_error(seen.outcome, WSAEINPROGRESS),
                about("%s, in the blocking callback", what),
                about("%s, as outside of it, or WSAEINPROGRESS", wanted), "%s",
                outcome_text(got, sizeof got, seen.outcome));
    if (!seen.outcome.failed && !usual.outcome.failed) {
        expect_number(demand, about("what %s gives in the blocking callback", what), usual.gave,
                      seen.gave);
    }
}

static void expect_all_usual(struct demand demand, const struct within *within)
{
    bool refused = false;

    for (LONG i = 0; i < within->returned; i++) {
        if (!refused || !within->calls[i].builds_on_others) {
            expect_usual(demand, within->calls[i].what, within->inside[i], within->usual[i]);
        }
        refused = refused || outcome_is_error(within->inside[i].outcome, WSAEINPROGRESS);
    }
}

bool expect_usual_within(struct demand demand, struct within *within, struct blocked_call *outer)
{
    wait_for_callback_end(outer, 1, settings.budgets.data);
    if (within->begun != 0 && within->returned < (LONG)within->count) {
        const char *hanging = within->calls[within->returned].what;
        rescue(outer);
        expect_that(ending(demand), false, about("%s, in the blocking callback", hanging),
                    "it returns", "it does not return");
        return false;
    }
    expect_all_usual(demand, within);
    if (within_refused(within) > 0) {
        record_choice("refuses %u of %u calls made in the blocking callback",
                      within_refused(within), within_made(within));
    }
    return true;
}

struct outcome within_usual(const struct within *within, unsigned index)
{
    return within->usual[index].outcome;
}

unsigned within_refused(const struct within *within)
{
    unsigned refused = 0;

    for (LONG i = 0; i < within->returned; i++) {
        refused += outcome_is_error(within->inside[i].outcome, WSAEINPROGRESS);
    }
    return refused;
}

unsigned within_made(const struct within *within)
{
    return (unsigned)within->returned;
}
