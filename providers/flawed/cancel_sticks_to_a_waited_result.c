#include "flawed/support/blocking.h"

/* The waits for results look at a flag of the thread's that only the other calls clear, at their
 * start. */
static __thread bool cancelled;

static int starts(void)
{
    cancelled = false;
    return 0;
}

static int ends(int error)
{
    cancelled = error == WSAEINTR;
    return error;
}

static BOOL WSPAPI get_result(SOCKET s, LPWSAOVERLAPPED overlapped, LPDWORD bytes, BOOL wait,
                              LPDWORD flags, LPINT error)
{
    if (wait && cancelled) {
        cancelled = false;
        if (!reference.lpWSPGetOverlappedResult(s, overlapped, bytes, FALSE, flags, error) &&
            *error == WSA_IO_INCOMPLETE) {
            *error = WSAEINTR;
            return FALSE;
        }
    }
    return reference.lpWSPGetOverlappedResult(s, overlapped, bytes, wait, flags, error);
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_blocking_calls(table, (struct blocking_calls){.before = starts, .after = ends});
    table->lpWSPGetOverlappedResult = get_result;
}

const struct flaw flaw = {
    .requirement = "STICKY-01",
    .what = "after a cancelled call, a WSPGetOverlappedResult that has to wait ends at once with "
            "WSAEINTR",
    .caught_by = "sticky/cancel_spares_a_waited_result/*",
    .change_table = change_table,
};
