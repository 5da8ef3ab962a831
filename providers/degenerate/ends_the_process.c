#include "degenerate/support/every.h"

enum { THE_CALL = 10 };

static volatile LONG calls;

static void act(const char *name)
{
    (void)name;
    if (InterlockedIncrement(&calls) == THE_CALL) {
        TerminateProcess(GetCurrentProcess(), 0);
    }
}

static void change_table(WSPPROC_TABLE *table)
{
    every_entry_first(table, act);
}

const struct degenerate degenerate = {
    .kind = BROKEN,
    .what = "the tenth call into the provider ends the process, with status 0",
    .verdict = "non-conforming",
    .cause = "exit",
    .caught_by = "callback/is_called_at_all cancel/ends_the_blocked_call/*",
    .change_table = change_table,
};
