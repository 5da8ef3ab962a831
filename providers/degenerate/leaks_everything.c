#include "degenerate/support/degenerate.h"

#include <string.h>

enum { A_LITTLE = 4096 };

static int WSPAPI close_nothing(SOCKET s, LPINT error)
{
    void *lost = VirtualAlloc(NULL, A_LITTLE, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    (void)s;
    (void)error;
    if (lost != NULL) {
        memset(lost, 1, A_LITTLE);
    }
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCloseSocket = close_nothing;
}

const struct degenerate degenerate = {
    .kind = BROKEN,
    .what = "WSPCloseSocket gives nothing back, neither the handle nor what it stands for",
    .verdict = "non-conforming",
    .cause = "leak",
    .caught_by = "startup/opens_closes_and_cleans_up",
    .change_table = change_table,
};
