#include "flawed/support/layer.h"

enum { TURN_MS = 5 };

static DWORD WINAPI look_after_sockets(void *argument)
{
    while (argument == NULL) {
        Sleep(TURN_MS);
    }
    return 0;
}

static void change_table(WSPPROC_TABLE *table)
{
    static bool runs;

    (void)table;
    if (!runs) {
        runs = true;
        CreateThread(NULL, 0, look_after_sockets, NULL, 0, NULL);
    }
}

const struct flaw flaw = {
    .requirement = "CLEANUP-03",
    .what = "a thread of the provider goes on running after the last WSPCleanup",
    .caught_by = "startup/unload_and_start_after_the_last/*",
    .change_table = change_table,
};
