#include "flawed/support/readable.h"

/* A call of this thread that was cancelled completed all the same; the cancel still counts. */
static __thread bool left;

static SOCKET WSPAPI accept_all_the_same(SOCKET s, struct sockaddr *address, LPINT length,
                                         LPCONDITIONPROC condition, DWORD_PTR data, LPINT error)
{
    SOCKET accepted = reference.lpWSPAccept(s, address, length, condition, data, error);

    if (accepted == INVALID_SOCKET && *error == WSAEINTR && is_readable(s)) {
        accepted = reference.lpWSPAccept(s, address, length, condition, data, error);
        left = accepted != INVALID_SOCKET;
    }
    return accepted;
}

static int WSPAPI cancel(LPINT error)
{
    if (left) {
        left = false;
        return 0;
    }
    return reference.lpWSPCancelBlockingCall(error);
}

static void change_table(WSPPROC_TABLE *table)
{
    table->lpWSPAccept = accept_all_the_same;
    table->lpWSPCancelBlockingCall = cancel;
}

const struct flaw flaw = {
    .requirement = "RACE-04",
    .what = "a WSPAccept that completed in spite of a cancel can be cancelled once more afterwards",
    .caught_by = "race/completed_call_is_not_cancelled/accept_*",
    .change_table = change_table,
};
