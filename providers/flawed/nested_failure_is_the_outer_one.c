#include "flawed/support/blocking.h"
#include "flawed/support/nested.h"

/* The last error of the thread, whichever call it came from. */
static __thread int last_error;

static int WSPAPI get_peer_name(SOCKET s, struct sockaddr *name, LPINT length, LPINT error)
{
    int returned = reference.lpWSPGetPeerName(s, name, length, error);

    if (returned != 0 && is_in_callback()) {
        last_error = *error;
    }
    return returned;
}

static int after(int error)
{
    int last = last_error;

    last_error = 0;
    return last != 0 ? last : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.after = after});
    table->lpWSPGetPeerName = get_peer_name;
}

const struct flaw flaw = {
    .requirement = "REENT-09",
    .what = "a blocked call that fails ends with the error of a WSPGetPeerName that failed in its "
            "callback",
    .caught_by = "nested/failure_keeps_its_own_code/*_cancelled_*",
    .change_upcalls = watch_callbacks,
    .change_table = change_table,
};
