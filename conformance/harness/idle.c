#include "harness/idle.h"

#include "harness/spi.h"

#include <stdlib.h>

/* The case that reports an idle cancel which is wrong in every situation. */
static const char idle_gate[] = "cancel/idle_after_startup";

struct idle_cancel {
    struct entry *entry;
    struct outcome outcome;
};

static void make_idle_cancel(void *argument)
{
    struct idle_cancel *cancel = argument;

    cancel->outcome = spi_cancel(cancel->entry);
}

struct outcome idle_cancel_on(struct client *client, struct entry *entry)
{
    struct idle_cancel *cancel = calloc(1, sizeof *cancel);
    DWORD patience = settings.debug ? INFINITE : settings.budgets.cancel;

    cancel->entry = entry;
    client_post(client, make_idle_cancel, cancel);
    if (!client_wait(client, patience)) {
        provider_skip_clean_up();
        stop_case(ending(MUST("CBC-25")), "WSPCancelBlockingCall on a thread that is in no call",
                  "it returns", "no return");
    }
    require_that(NEEDED("provider"), cancel->outcome.kind != OUTCOME_NO_ENTRY,
                 "WSPCancelBlockingCall in the proc table", "a function", "none");
    return cancel->outcome;
}

bool expect_nothing_to_cancel(struct demand demand, const char *what, struct outcome cancel)
{
    return expect_outcome(resting_on(demand, idle_gate), what, cancel,
                          ONE_OF(FAILS_WITH(WSAEINVAL)));
}
