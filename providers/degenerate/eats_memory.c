#include "degenerate/support/every.h"

#include <string.h>

enum { BITE = 1 << 20, BITES = 96 };

static void eat(const char *name)
{
    static volatile LONG bites;

    (void)name;
    if (InterlockedIncrement(&bites) <= BITES) {
        void *eaten = VirtualAlloc(NULL, BITE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
        if (eaten != NULL) {
            memset(eaten, 1, BITE);
        }
    }
}

static void change_table(WSPPROC_TABLE *table)
{
    every_entry_first(table, eat);
}

const struct degenerate degenerate = {
    .kind = RUDE,
    .what = "takes memory in each call, up to a limit, and keeps it",
    .verdict = "conforming",
    .change_table = change_table,
};
