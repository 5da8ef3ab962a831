#include "flawed/support/told.h"

/* No byte came, and nothing went wrong: a client takes that for the end of the stream. */
static DWORD status(DWORD error)
{
    return error == WSA_OPERATION_ABORTED ? 0 : error;
}

static void change_table(WSPPROC_TABLE *table)
{
    wrap_routines(table, status);
}

const struct flaw flaw = {
    .requirement = "CLOSE-02",
    .what = "an overlapped operation that WSPCloseSocket ends is said to have succeeded",
    .caught_by = "close/ends_overlapped_calls/recv_by_routine_*"
                 " close/ends_overlapped_calls/send_by_routine_*",
    .change_table = change_table,
};
