#include "flawed/support/pending.h"

static unsigned owed;
static WSAOVERLAPPED *pending; /* the operation that was begun last */

static void remember(WSAOVERLAPPED *overlapped)
{
    pending = overlapped;
}

static int WSPAPI clean_up(LPINT error)
{
    int returned = reference.lpWSPCleanup(error);

    if (returned == 0 && --owed == 0 && pending != NULL) {
        SetEvent(pending->hEvent);
    }
    return returned;
}

static void change_table(WSPPROC_TABLE *table)
{
    owed++;
    wrap_pending_calls(table, remember);
    table->lpWSPCleanup = clean_up;
}

const struct flaw flaw = {
    .requirement = "CLEANUP-02",
    .what = "the last WSPCleanup sets the event of a pending operation, as a close would",
    .caught_by = "startup/last_clean_up_ends_overlapped_calls/*_by_event_*",
    .change_table = change_table,
};
