#include "flawed/support/blocking.h"

enum { PLACES = 8 };

static LONG taken;
static __thread unsigned depth;
static __thread bool has_place;

static int enter(void)
{
    if (depth++ == 0) {
        has_place = InterlockedIncrement(&taken) <= PLACES;
    }
    return 0;
}

static int leave(int error)
{
    if (--depth == 0) {
        InterlockedDecrement(&taken);
    }
    return error;
}

static int WSPAPI cancel(LPINT error)
{
    if (depth > 0 && !has_place) {
        *error = WSAEINVAL;
        return SOCKET_ERROR;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.before = enter, .after = leave});
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "CBC-01",
    .what = "the blocked calls of eight threads are known; a ninth cannot cancel its own",
    .caught_by = "thread/each_of_many_cancels_its_own/*",
    .change_table = change_table,
};
