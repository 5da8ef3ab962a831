#include "flawed/support/blocking.h"
#include "flawed/support/nested.h"

/* Set when the thread blocks, and cleared only by a call that succeeds. */
static __thread bool busy;

static int refuse(void)
{
    busy = true;
    return WSAEINPROGRESS;
}

static int after(int error)
{
    if (!is_in_callback() && error == 0) {
        busy = false;
    }
    return error;
}

static int WSPAPI get_option(SOCKET s, int level, int option, char *value, LPINT size, LPINT error)
{
    if (busy) {
        *error = WSAEINPROGRESS;
        return SOCKET_ERROR;
    }
    return reference.lpWSPGetSockOpt(s, level, option, value, size, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_nested_calls(table, refuse);
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
    table->lpWSPGetSockOpt = get_option;
}

const struct flaw flaw = {
    .requirement = "REENT-08",
    .what = "after a blocked call that failed, its thread is refused options with WSAEINPROGRESS",
    .caught_by = "nested/refusal_ends_with_the_call/*_cancelled_*",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
