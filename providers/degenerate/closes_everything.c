#include "degenerate/support/degenerate.h"

enum { HANDLES_END = 0x1000 };

static int WSPAPI cancel(LPINT error)
{
    int returned = reference.lpWSPCancelBlockingCall(error);

    for (ULONG_PTR handle = 4; handle < HANDLES_END; handle += 4) {
        CloseHandle((HANDLE)handle);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPCancelBlockingCall = cancel;
}

const struct degenerate degenerate = {
    .kind = BROKEN,
    .what = "a cancel closes whatever handle there is in the process",
    .verdict = "non-conforming",
    .cause = "exit",
    .caught_by = "callback/is_called_at_all cancel/ends_the_blocked_call/*",
    .change_table = change_table,
};
