#include "flawed/support/told.h"

/* One code for all that is called off. */
static DWORD status(DWORD error)
{
    return error == WSA_OPERATION_ABORTED ? WSAEINTR : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_routines(table, status);
}

const struct flaw flaw = {
    .requirement = "OVL-06",
    .what = "an overlapped operation that WSPCloseSocket ends fails with WSAEINTR, as if cancelled",
    .caught_by = "overlapped/codes_are_kept_apart/*_by_routine_*"
                 " close/ends_overlapped_calls/recv_by_routine_*",
    .change_table = change_table,
};
